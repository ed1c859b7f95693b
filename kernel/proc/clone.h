/* SPDX-License-Identifier: MIT */
/* New tasks and processes out of the running one: fork, vfork, clone. Process context. */
#pragma once

#include <arch/trap_frame.h>
#include <quench/types.h>

struct clone_request {
	u64 flags;       /* CLONE_* of <linux/sched.h>, without the signal */
	int exit_signal; /* what the parent gets when the child ends; 0: none */
	vaddr_t stack;   /* the child's; 0: where the parent's is */
	u64 parent_tid;  /* user addresses; used with the flags that ask for them */
	u64 child_tid;
	u64 tls; /* FS base */
};

/* `frame`: the caller's registers, which the child's start as. The child's number, or -EINVAL,
 * -EPERM, -EAGAIN, -ENOMEM. Returns when a vfork's child has let go. */
s64 clone_task(const struct clone_request *request, const struct full_frame *frame);
