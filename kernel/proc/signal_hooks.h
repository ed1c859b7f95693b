/* SPDX-License-Identifier: MIT */
/* What tasks ask of signals. */
#pragma once

#include <kernel/proc/process.h>

struct full_frame;
static inline bool signal_interrupts(struct task *task)
{
	return true;
}
static inline bool signal_kills(struct task *task)
{
	return true;
}
/* a new task's signal state; 0 or an error */
static inline int signal_clone(struct task *child, struct task *self, u64 flags)
{
	return 0;
}
/* SIGCHLD for an ended child (NULL: some child); tree locked; true: nobody will wait for it */
static inline bool signal_child_ended(struct process *parent, struct process *child)
{
	return false;
}
static inline void signal_task_ended(struct task *self)
{
}
static inline void signal_exec(struct task *self)
{
}
static inline void signal_deliver(struct full_frame *frame)
{
}
