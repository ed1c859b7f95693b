/* SPDX-License-Identifier: MIT */
/* execve(2): the running process becomes another program. Process context. */
#pragma once

#include <arch/trap_frame.h>
#include <quench/types.h>

/* The arguments are user addresses. 0 with the program's start in *frame; or an error, with the old
 * program as it was: -EFAULT, -E2BIG, -ENAMETOOLONG, exec_load's, -EAGAIN. */
s64 execve(u64 path, u64 argv, u64 envp, struct full_frame *frame);
