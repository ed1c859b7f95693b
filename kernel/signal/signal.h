/* SPDX-License-Identifier: MIT */
/*
 * Signals: sending, waiting, exceptions. Whoever sends needs a reference on task or process, or
 * process_tree_lock. Sending: any context, no signal lock and no run queue's lock held.
 */
#pragma once

#include <arch/trap_frame.h>
#include <kernel/proc/process.h>
#include <kernel/signal/set.h>
#include <kernel/signal/state.h>
#include <quench/types.h>

struct full_frame;

/* --- sending --- */

/* To one task, or to whichever of the process takes it. 0 (ignored ones too); -EAGAIN: a queued
 * signal (rt_sigqueueinfo) and memory or RLIMIT_SIGPENDING is out. */
int signal_send_task(struct task *task, const struct signal_info *info);
int signal_send_process(struct process *process, const struct signal_info *info);
/* The same with process_tree_lock held. */
int signal_send_process_locked(struct process *process, const struct signal_info *info);
/* To the running task by the kernel: SIGPIPE, SIGXFSZ. Process context. */
void signal_raise(int signal);

/* --- the running task's waits --- */

/*
 * ppoll, pselect: another mask for the time of one wait. `mask` NULL: none. 0, -EINVAL (bytes is
 * not 8), -EFAULT. Afterwards signal_wait_mask_end, told whether the call ends with -EINTR or
 * -ERESTART...: then the old mask comes back only once a handler runs, or none does.
 */
int signal_wait_mask(const void __user *mask, size_t bytes) __must_check;
void signal_wait_mask_end(bool interrupted);

/* For wait_interrupted (kernel/sched/wait.c), asked only with ARCH_WORK_SIGNAL set: whether one
 * waits that may be taken; a stop counts. */
bool signal_interrupts(struct task *self);
bool signal_kills(struct task *self);

/* --- exceptions of programs --- */

struct signal_fault {
	int signal, code; /* si_code */
	u64 address;      /* si_addr */
	u64 trap_address; /* CR2, for mcontext; 0 when it is not about one */
	u64 trap_error;   /* as a program may see it */
};
/* Who blocks or ignores what it does itself gets the default (force.c). */
void signal_give_default(struct task *self, int signal);

/* Whether a handler runs for it. Without the lock: the mask is the task's own, and another thread
 * that changes the action may be a moment earlier or later; signal_deliver looks at it again. */
static inline bool signal_is_caught(struct task *self, int signal)
{
	u64 handler = READ_ONCE(self->process->signal.actions[signal - 1].handler);
	bool blocked = self->signal.blocked & SIGNAL_BIT(signal);

	if (likely(handler > 1 /* SIG_IGN */ && !blocked))
		return true;
	if (blocked || handler)
		signal_give_default(self, signal);
	return false;
}

/* The running task is to take this instead of going on; `frame`: of the exception, NULL for none.
 * False: nobody catches it, and the caller ends the process (process_kill). Process context. */
static inline __must_check bool signal_force(const struct trap_frame *frame,
					     const struct signal_fault *fault)
{
	struct task *self = task_current();
	struct signal_task *its = &self->signal;

	if (!signal_is_caught(self, fault->signal))
		return false;
	if (frame) {
		its->frame.trap.vector = frame->vector;
		its->frame.trap.error = fault->trap_error;
		if (fault->trap_address)
			its->frame.trap.address = fault->trap_address;
	}
	/* Its other words are never anything but zero. */
	its->forced.signo = fault->signal;
	its->forced.code = fault->code;
	its->forced.address = fault->address;
	its->has_forced = true;
	arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
	return true;
}

/* --- kernel/proc's hooks --- */

/* State of a new task that has not run: child->process is a new one, or the parent's with
 * CLONE_THREAD. 0. */
int signal_clone(struct task *child, struct task *self, u64 flags);
/* execve: handlers to the default, no alternate stack. */
void signal_exec(struct task *self);
/* The task ends: what waits for its process alone goes to another. Process context. */
void signal_task_ended(struct task *self);
/* SIGCHLD for a child that has ended; NULL: for some child. Tree locked. True: the parent has said
 * that it will not wait. */
bool signal_child_ended(struct process *parent, struct process *child);
/* On the way to user mode with ARCH_WORK_SIGNAL: takes what waits, and makes an interrupted call
 * EINTR or run again. */
void signal_deliver(struct full_frame *frame);
/* rt_sigreturn(2): the registers of the frame on the user stack, or SIGSEGV. */
void signal_return(struct full_frame *frame);
