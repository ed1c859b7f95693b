/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: which task runs where. One run queue a processor, each with its own lock; see
 * docs/locking.md. The state machine of sleeping:
 *
 *   sleeper                                   waker
 *     sched_prepare(TASK_INTERRUPTIBLE)         make the condition true
 *     test the condition                        sched_wake(task, states)
 *     sched_sleep()      if it is false
 *     sched_running()    otherwise
 *
 * No wake-up is lost: sched_prepare is a full barrier, sched_wake takes the run queue's lock.
 * wait.h wraps it.
 */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

struct task;

/* States of a task, as bits, so that a waker names those it ends. */
enum task_state {
	TASK_RUNNING = 0,         /* runs, or waits in a run queue */
	TASK_INTERRUPTIBLE = 1,   /* sleeps; a signal ends it */
	TASK_UNINTERRUPTIBLE = 2, /* sleeps; nothing but its event ends it */
	TASK_KILLABLE = 4,        /* sleeps; a signal that kills ends it */
	TASK_STOPPED = 8,         /* job control */
	TASK_DEAD = 16,           /* has ended; never runs again */
	TASK_WAKING = 32,         /* on its way to another processor's queue (sched.c only) */
};
#define TASK_SLEEPING (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE | TASK_KILLABLE)

/* --- the running task: process context, no spinlock held, preemption on --- */

/* sched_prepare announces that the running task is about to sleep, sched_running takes it back:
 * <kernel/proc/task.h>. */
/* Sleeps until somebody ends the announced state; returns at once when that has happened, or when
 * a signal waits that ends it. */
void sched_sleep(void);
/* The same until arch_clock_ns() is `deadline` at most; returns what is left, 0 when the time has
 * passed. SCHED_FOREVER: no deadline. */
u64 sched_sleep_until(u64 deadline);
#define SCHED_FOREVER UINT64_MAX
/* Gives way to whoever else is runnable here. */
void sched_yield(void);
/* Ends the running task for good: it is dead and its last switch drops the scheduler's reference.
 */
__noreturn void sched_exit(void);

/* --- any task: any context, spinlocks may be held (not a run queue's) --- */

/* Makes a task run that sleeps in one of `states`; false when it does not. It may run at once on
 * this processor if it is due; the caller goes on until it may be preempted. */
bool sched_wake(struct task *task, unsigned states);
/* The same by a waker that is about to sleep itself (pipe, futex): the task is queued on this
 * processor when it may run here and nobody else waits, so that no other one must be roused. */
bool sched_wake_sync(struct task *task, unsigned states);
/* Between the two (futex): another processor is roused if one is idle; but on this one the woken
 * task waits until the caller sleeps or its slice is over. */
bool sched_wake_lazy(struct task *task, unsigned states);
/* A new task, in no queue, becomes runnable for the first time. */
void sched_start(struct task *task);

/* --- policy --- */
/* SCHED_OTHER, SCHED_BATCH, SCHED_IDLE by <linux/sched.h>, and -20..19. */
void sched_set_policy(struct task *task, u8 policy, int nice);
/* Where it may run; -EINVAL when no processor is left over. A task that runs, or waits, on one that
 * is not in the mask moves on; the running one has moved when this returns. Process context. */
struct cpumask;
int sched_set_affinity(struct task *task, const struct cpumask *mask);

/* --- boot and processors --- */
/* The running boot context becomes the boot processor's first task ("main", a kernel thread);
 * every processor's queue is ready. Boot context, once, after memory and per-CPU data. */
void sched_init(void);
/* A new task's first call, on its own stack, interrupts off: ends the switch to it; interrupts and
 * preemption are on afterwards. */
void sched_first_steps(void);

/* Nanoseconds the task has had the processor. */
u64 sched_runtime_ns(const struct task *task);
u64 sched_ticks_to_ns(u64 ticks); /* of struct task's `ran` */
