/* SPDX-License-Identifier: MIT */
/* Listening to many wait queues at once. */
#include <arch/cpu.h>
#include <kernel/fs/poll.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/task.h>

struct poll_waiter {
	struct waiter waiter; /* first: the queue hands it back */
	struct wait_queue *queue;
	struct poll_table *table;
	struct poll_waiter *next;
};

/* Something happened at a queue. Its lock is held. */
static bool poll_wake(struct waiter *waiter, unsigned key)
{
	struct poll_table *table = ((struct poll_waiter *)waiter)->table;

	__atomic_store_n(&table->triggered, true, __ATOMIC_SEQ_CST);
	return sched_wake(table->task, TASK_INTERRUPTIBLE);
}

void poll_wait(struct poll_table *table, struct wait_queue *queue)
{
	struct poll_waiter *waiter;

	if (!table)
		return;
	waiter = kzalloc(sizeof(*waiter));
	if (!waiter) {
		table->out_of_memory = true;
		return;
	}
	waiter->waiter.task = table->task;
	waiter->waiter.wake = poll_wake;
	waiter->queue = queue;
	waiter->table = table;
	waiter->next = table->list;
	table->list = waiter;
	wait_add(queue, &waiter->waiter);
}

void poll_again_after(struct poll_table *table, u64 ns)
{
	if (table && ns < table->again_after)
		table->again_after = ns;
}

void poll_table_init(struct poll_table *table)
{
	table->task = task_current();
	table->triggered = table->out_of_memory = false;
	table->again_after = SCHED_FOREVER;
	table->list = NULL;
}

void poll_table_done(struct poll_table *table)
{
	while (table->list) {
		struct poll_waiter *waiter = table->list;

		table->list = waiter->next;
		wait_remove(waiter->queue, &waiter->waiter);
		kfree(waiter);
	}
}

int poll_table_sleep(struct poll_table *table, u64 deadline)
{
	u64 now = arch_clock_ns(), until = deadline;

	if (deadline != SCHED_FOREVER && now >= deadline)
		return 0;
	if (table->again_after != SCHED_FOREVER && now + table->again_after < until)
		until = now + table->again_after;
	sched_prepare(TASK_INTERRUPTIBLE);
	if (__atomic_exchange_n(&table->triggered, false, __ATOMIC_SEQ_CST)) {
		sched_running();
		return 1;
	}
	if (wait_interrupted(TASK_INTERRUPTIBLE)) {
		sched_running();
		return -ERESTARTNOHAND;
	}
	if (until == SCHED_FOREVER)
		sched_sleep();
	else
		sched_sleep_until(until);
	__atomic_store_n(&table->triggered, false, __ATOMIC_SEQ_CST);
	return 1;
}
