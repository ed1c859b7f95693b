/* SPDX-License-Identifier: MIT */
/* What the calls on files and paths share. Process context. */
#pragma once

#include <kernel/fs/file.h>
#include <kernel/syscall/syscall.h>

/* The open file whose descriptor is the first argument; NULL: EBADF. */
struct file *descriptor_file(const struct syscall *call);

/* A path from the program, NUL-terminated, to be released with kfree: 0, -EFAULT, -ENAMETOOLONG
 * (4096 bytes without a NUL), -ENOMEM. */
int path_get(const char __user *from, char **path) __must_check;

/* Where a path starts: `dirfd` as openat(2) has it. 0, -EBADF, -ENOTDIR. */
int path_directory(int dirfd, const char *path, const struct inode **directory) __must_check;
