/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs. Process context. */
#pragma once

#include <kernel/fs/file.h>

/* Both ends of a new pipe, a reference each; flags of pipe2(2) but O_CLOEXEC. 0 or -ENOMEM. */
int pipe_create(u32 flags, struct file *ends[2]);
/* What is a pipe, for fcntl: its capacity in bytes; F_SETPIPE_SZ: the new one, -EBUSY (more is
 * queued), -EPERM (above 1 MiB), -EINVAL, -ENOMEM. */
bool file_is_pipe(const struct file *file);
s64 pipe_capacity(struct file *file);
s64 pipe_set_capacity(struct file *file, u64 bytes);
/* The inode of a FIFO dies. */
void pipe_destroy(struct pipe *pipe);
