/* SPDX-License-Identifier: MIT */
/* Wait queues. */
#include <kernel/proc/task.h>
#include <kernel/sched/wait.h>
#include <kernel/signal/signal.h>

void wait_queue_init(struct wait_queue *queue)
{
	arch_spin_init(&queue->lock);
	list_init(&queue->waiters);
}

static __inlined void add(struct wait_queue *queue, struct waiter *waiter)
{
	u64 flags = arch_spin_lock_irqsave(&queue->lock);

	if (waiter->exclusive)
		list_append(&queue->waiters, &waiter->link);
	else
		list_prepend(&queue->waiters, &waiter->link); /* all of these are woken */
	arch_spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_add(struct wait_queue *queue, struct waiter *waiter)
{
	add(queue, waiter);
}

static __noinline void take_back(struct wait_queue *queue, struct waiter *waiter)
{
	u64 flags = arch_spin_lock_irqsave(&queue->lock);

	list_remove(&waiter->link);
	arch_spin_unlock_irqrestore(&queue->lock, flags);
}

/* Who woke it has taken it out, and writes prev last: nothing of it is used any more. */
static inline bool was_taken_out(const struct waiter *waiter)
{
	return READ_ONCE(waiter->link.next) == &waiter->link &&
	       READ_ONCE(waiter->link.prev) == &waiter->link;
}

void wait_remove(struct wait_queue *queue, struct waiter *waiter)
{
	if (!was_taken_out(waiter))
		take_back(queue, waiter);
}

/*
 * The sleep is announced before the place in the queue is looked at; a waker gives up the place
 * before it looks for the sleep (wake_one). So who is still in the queue here will be woken, and
 * who is not enters it again, and sees afterwards what the waker changed.
 */
void wait_prepare(struct wait_queue *queue, struct waiter *waiter, enum task_state state)
{
	bool first = !waiter->task;

	if (first)
		waiter->task = task_current();
	sched_prepare(state);
	if (first || list_empty(&waiter->link)) {
		add(queue, waiter);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
}

void wait_finish(struct wait_queue *queue, struct waiter *waiter)
{
	sched_running();
	if (unlikely(!was_taken_out(waiter)))
		take_back(queue, waiter);
}

/* Out of the queue; yet until prev shows the link itself too, the waiter has to stay. */
static void take_out(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	WRITE_ONCE(link->next, link);
}

static __inlined bool wake_one(struct waiter *waiter, unsigned key, bool sync)
{
	bool woken;

	if (waiter->wake)
		return waiter->wake(waiter, key);
	take_out(&waiter->link);
	if (sync)
		woken = sched_wake_sync(waiter->task, TASK_SLEEPING);
	else
		woken = sched_wake(waiter->task, TASK_SLEEPING);
	WRITE_ONCE(waiter->link.prev, &waiter->link); /* the last that is done with it */
	return woken;
}

static __inlined unsigned wake(struct wait_queue *queue, unsigned max, unsigned key, bool sync)
{
	u64 flags = arch_spin_lock_irqsave(&queue->lock);
	struct waiter *waiter, *spare;
	unsigned woken = 0;

	list_for_each_safe(waiter, spare, &queue->waiters, link)
	{
		bool exclusive = waiter->exclusive;

		if (!wake_one(waiter, key, sync))
			continue;
		woken++;
		if (exclusive && !--max) /* those that are not stand before those that are */
			break;
	}
	arch_spin_unlock_irqrestore(&queue->lock, flags);
	return woken;
}

unsigned wait_wake(struct wait_queue *queue, unsigned max, unsigned key)
{
	return wake(queue, max, key, false);
}

unsigned wait_wake_sync(struct wait_queue *queue, unsigned max, unsigned key)
{
	return wake(queue, max, key, true);
}

int wait_interrupted_by_work(enum task_state state)
{
	struct task *self = task_current();
	u32 work = arch_work_get(&self->arch);

	if (likely(!(work & (ARCH_WORK_SIGNAL | TASK_WORK_DOOMED))) || state & TASK_UNINTERRUPTIBLE)
		return 0;
	if (work & TASK_WORK_DOOMED)
		return -ERESTARTSYS;
	return (state == TASK_KILLABLE ? signal_kills(self) : signal_interrupts(self))
		       ? -ERESTARTSYS
		       : 0;
}
