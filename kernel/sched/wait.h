/* SPDX-License-Identifier: MIT */
/* Wait queues: tasks that wait for an event, woken by who makes it happen. */
#pragma once

#include <arch/percpu.h>
#include <arch/spinlock.h>
#include <arch/task.h>
#include <asm/errno.h>
#include <kernel/lib/list.h>
#include <kernel/sched/sched.h>
#include <quench/types.h>

struct wait_queue {
	struct arch_spinlock lock; /* protects `waiters`; taken with interrupts off */
	struct list waiters;
};

#define WAIT_QUEUE_INIT(name)                        \
	{                                            \
		.waiters = LIST_INIT((name).waiters) \
	}

struct waiter;
/* Called with the queue's lock held, for a waiter that is not simply a task to be woken (poll).
 * True counts as a wake-up. `key`: what the waker says has happened (POLLIN...; 0: anything). */
typedef bool (*wait_wake_fn)(struct waiter *waiter, unsigned key);

struct waiter {
	struct list link;
	struct task *task;
	wait_wake_fn wake; /* NULL: wake `task` */
	bool exclusive;    /* one wake-up wakes one such */
};

void wait_queue_init(struct wait_queue *queue);

/* Whether somebody waits. Without the lock: right for a waker that made its condition true under
 * a lock the waiters take to test it, or after a full barrier. */
static inline bool wait_queue_active(const struct wait_queue *queue)
{
	return READ_ONCE(queue->waiters.next) != &queue->waiters;
}

/* Puts a waiter of the running task in, announcing the state it will sleep in; takes it out. */
void wait_prepare(struct wait_queue *queue, struct waiter *waiter, enum task_state state);
void wait_finish(struct wait_queue *queue, struct waiter *waiter);
/* Only into and out of the list, for waiters with a `wake` of their own; set task and wake first.
 */
void wait_add(struct wait_queue *queue, struct waiter *waiter);
void wait_remove(struct wait_queue *queue, struct waiter *waiter);

/* Wakes every shared waiter and at most `max` > 0 exclusive ones. Any context. The number woken. */
unsigned wait_wake(struct wait_queue *queue, unsigned max, unsigned key);
/* The same when the caller is about to sleep: sched_wake_sync. */
unsigned wait_wake_sync(struct wait_queue *queue, unsigned max, unsigned key);
#define WAIT_ALL UINT32_MAX

/*
 * Sleeps until `condition` holds. wait_event_interruptible: 0, or -ERESTARTSYS when a signal
 * came first. Process context, no spinlock held; the condition is tested without a lock and may
 * sleep only if it first calls sched_running().
 */
#define wait_event(queue, condition) \
	((void)wait_event_state(queue, condition, TASK_UNINTERRUPTIBLE))
#define wait_event_interruptible(queue, condition) \
	wait_event_state(queue, condition, TASK_INTERRUPTIBLE)
#define wait_event_killable(queue, condition) wait_event_state(queue, condition, TASK_KILLABLE)
#define wait_event_state(queue, condition, state)               \
	__extension__({                                         \
		struct waiter wait_self = { 0 };                \
		int wait_result = 0;                            \
                                                                \
		while (!(condition)) {                          \
			wait_prepare(queue, &wait_self, state); \
			if (condition)                          \
				break;                          \
			wait_result = wait_interrupted(state);  \
			if (wait_result)                        \
				break;                          \
			sched_sleep();                          \
		}                                               \
		if (wait_self.task)                             \
			wait_finish(queue, &wait_self);         \
		wait_result;                                    \
	})

/* -ERESTARTSYS when a signal waits that ends a sleep in this state, else 0. */
int wait_interrupted_by_work(enum task_state state);
static inline int wait_interrupted(enum task_state state)
{
	const struct arch_task *self = arch_current();

	return likely(!(arch_work_get(self) & ~(u32)ARCH_WORK_RESCHED))
		       ? 0
		       : wait_interrupted_by_work(state);
}

/* For the signal code (kernel/signal/restart.h has the rest): "make it EINTR, or run it again". */
#ifndef ERESTARTSYS
#define ERESTARTSYS           512
#define ERESTARTNOINTR        513
#define ERESTARTNOHAND        514
#define ERESTART_RESTARTBLOCK 516
#endif
