/* SPDX-License-Identifier: MIT */
/* flock(2): advisory locks on whole files, of open files and not of processes. */
#pragma once

#include <kernel/fs/file.h>

/* LOCK_SH, LOCK_EX or LOCK_UN, with LOCK_NB. Another kind replaces the one held, which is given up
 * first, as on Linux. 0, -EINVAL, -EWOULDBLOCK, -ERESTARTSYS. Process context. */
s64 flock_apply(struct file *file, unsigned operation);
/* The open file is closed for good. */
void flock_drop(struct file *file);
