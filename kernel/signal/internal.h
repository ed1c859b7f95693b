/* SPDX-License-Identifier: MIT */
/* What the files of kernel/signal share. "Locked": the process' signal lock is held; "tree
 * locked": process_tree_lock. */
#pragma once

#include <arch/signal_frame.h>
#include <kernel/signal/queue.h>
#include <kernel/signal/set.h>
#include <kernel/signal/signal.h>

/* --- send.c --- */
/* Puts a signal into one of the process' sets. Locked. 0 or -EAGAIN. */
int signal_post(struct process *process, struct signal_pending *pending, struct signal_spare *spare,
		const struct signal_info *info);
/* What signal_post made; a chain. Locked. */
void signal_free(struct process *process, struct signal_entry *entry);
/* Makes a task look at its signals. Locked, or tree locked. */
void signal_notify(struct task *task);
/* Whether a signal would be thrown away if nobody blocked it. Locked. */
bool signal_is_ignored(const struct process *process, int signal);
/* A signal by the kernel. */
static inline struct signal_info signal_by_kernel(int signal)
{
	return (struct signal_info){ .signo = signal, .code = 0x80 /* SI_KERNEL */ };
}

/* --- mask.c --- */
/* Whether the task has something to take. Locked. */
static inline bool signal_is_due(const struct task *task)
{
	const struct signal_process *process = &task->process->signal;
	const struct signal_task *its = &task->signal;

	return its->has_forced || its->has_own || process->stop || process->stop_wanted ||
	       (its->pending.set | process->pending.set) & ~its->blocked;
}
/* The running task's mask. Unblockable ones are left out. Process context. */
void signal_set_blocked(struct task *self, u64 blocked);
/* The running task takes one of `set` less than before: others may take what waits for all. */
void signal_hand_over(struct task *self, u64 set);
/* One that is pending for the task or its process, of `set`; 0: none. Locked. */
int signal_take(struct task *task, u64 set, struct signal_info *info);

/* --- stop.c --- */
/* The running task has taken a stop signal; and its sleep. */
void signal_stop_begin(struct task *self);
void signal_stop_here(struct task *self);
/* SIGCONT: all go on. Tree locked. */
void signal_continue(struct process *process);
/* A task fewer: the others may all be stopped. Tree locked. */
void signal_stop_check(struct process *process);
