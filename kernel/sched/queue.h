/* SPDX-License-Identifier: MIT */
/* A processor's run queue with its lock: private to kernel/sched. */
#pragma once

#include <arch/percpu.h>
#include <arch/spinlock.h>
#include <kernel/proc/task.h>
#include <kernel/sched/runqueue.h>
#include <kernel/sched/timer.h>

struct cpu_queue {
	/* Protects all below and the rq fields of tasks whose `cpu` this is. Interrupts off. It is
	 * held across the switch: who holds it sees no task half switched. */
	struct arch_spinlock lock;
	struct run_queue fair; /* those that wait for the processor */
	struct task *running;
	struct task *idle;     /* const; runs when nobody else can */
	struct task *previous; /* who ran before `running`, for the end of the switch */
	struct timer slice;    /* pending while somebody waits for the processor */
};
DECLARE_PERCPU(struct cpu_queue, sched_queue);

/* Processors that are in their idle task: a hint, read without a lock. */
extern struct cpumask sched_idle_cpus;

/* Processors that have a queue, 0 to n - 1; grows while they start. */
extern unsigned sched_cpus;

/* Locks the queue whose task it is. Interrupts off. */
static inline struct cpu_queue *sched_lock_queue_of(struct task *task)
{
	for (;;) {
		unsigned cpu = READ_ONCE(task->cpu);
		struct cpu_queue *queue = percpu_of(sched_queue, cpu);

		arch_spin_lock(&queue->lock);
		if (likely(task->cpu == cpu))
			return queue;
		arch_spin_unlock(&queue->lock);
	}
}

/* Why the running task calls for another: only one that sleeps leaves the queue. */
enum sched_reason { SCHED_PREEMPTED, SCHED_SLEEPS, SCHED_YIELDS };
/* The running task gives way to the next one, if there is a better one. Interrupts off, preemption
 * count 0. */
void sched_switch(enum sched_reason reason);
/* With the task's queue locked: it becomes runnable, and runs at once if it is due; else, on this
 * processor, not before the caller sleeps or its slice is over. */
void sched_enqueue(struct cpu_queue *queue, struct task *task, bool at_once);
/* Makes the processor look for the next one. Queue locked. */
void sched_request(struct cpu_queue *queue, unsigned cpu);
/* The task, in no queue and WAKING, moves from `from`, locked, to another processor's queue, which
 * is locked at the return. */
struct cpu_queue *sched_move(struct cpu_queue *from, struct task *task, unsigned cpu);
/* A processor's queue, before its first switch. */
void sched_queue_init(unsigned cpu, struct task *running, struct task *idle);

/* balance.c */
/* Takes a waiting task of another processor to this one's queue, which is locked; false: none. */
bool sched_steal(struct cpu_queue *mine, unsigned cpu);
/* Where a task that wakes should run. Its queue is locked. */
unsigned sched_place(const struct task *task, bool sync);
/* Rouses an idle processor that may take one of the waiting tasks. Queue locked. */
void sched_offer(const struct cpu_queue *queue);
/* A task that left a processor it may not use any more goes to another. Nothing locked. */
void sched_rehome(struct task *task);
