/* SPDX-License-Identifier: MIT */
/* Timers: a heap for each processor. */
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <arch/spinlock.h>
#include <arch/timer.h>
#include <kernel/lib/list.h>
#include <kernel/sched/timer.h>
#include <quench/upcalls.h>

struct cpu_timers {
	struct arch_spinlock lock; /* interrupts off; protects all of this; innermost */
	struct heap heap;
	struct timer *running; /* whose fn is being called */
	u64 armed;             /* what the hardware will fire at, 0: nothing */
};
static PERCPU(struct cpu_timers, timers);

void timer_init(struct timer *timer, timer_fn fn)
{
	*timer = (struct timer){ .fn = fn };
}

/* The hardware fires for the earliest. This processor's, locked. */
static void arm(struct cpu_timers *here, u64 now)
{
	const struct heap_node *first = here->heap.first;

	if (!first || (here->armed && here->armed <= first->key))
		return;
	here->armed = first->key;
	arch_timer_arm(first->key > now ? first->key - now : 0);
}

static struct cpu_timers *lock_of(struct timer *timer)
{
	for (;;) {
		u32 cpu = READ_ONCE(timer->cpu);
		struct cpu_timers *of = percpu_of(timers, cpu);

		arch_spin_lock(&of->lock);
		if (likely(timer->cpu == cpu))
			return of;
		arch_spin_unlock(&of->lock);
	}
}

bool timer_try_cancel(struct timer *timer)
{
	u64 flags = arch_interrupts_save();
	struct cpu_timers *of = lock_of(timer);
	bool pending = timer->node.queued;

	if (pending)
		heap_remove(&of->heap, &timer->node);
	arch_spin_unlock_irqrestore(&of->lock, flags);
	return pending;
}

void timer_start(struct timer *timer, u64 expires)
{
	u64 flags = arch_interrupts_save();
	struct cpu_timers *here = percpu_here(timers);

	if (timer->node.queued)
		timer_try_cancel(timer);
	arch_spin_lock(&here->lock);
	timer->cpu = arch_cpu_index();
	timer->node.key = expires;
	heap_add(&here->heap, &timer->node);
	if (here->heap.first == &timer->node && here->running != timer)
		arm(here, arch_clock_ns());
	arch_spin_unlock_irqrestore(&here->lock, flags);
}

bool timer_cancel(struct timer *timer)
{
	bool pending = timer_try_cancel(timer);

	while (READ_ONCE(percpu_of(timers, READ_ONCE(timer->cpu))->running) == timer)
		arch_pause();
	return pending;
}

u64 timer_left(const struct timer *timer)
{
	u64 now = arch_clock_ns(), expires = READ_ONCE(timer->node.key);

	return timer_pending(timer) && expires > now ? expires - now : 0;
}

/* The next one whose time has come, taken out; the lock is held. */
static struct timer *due(struct cpu_timers *here, u64 now)
{
	struct heap_node *first = here->heap.first;

	if (!first || first->key > now)
		return NULL;
	heap_remove(&here->heap, first);
	return container_of(first, struct timer, node);
}

/* On the way in of the timer interrupt, interrupts off. */
void kernel_timer(struct trap_frame *frame)
{
	struct cpu_timers *here = percpu_here(timers);
	u64 now = arch_clock_ns();

	arch_spin_lock(&here->lock);
	for (;;) {
		struct timer *timer = due(here, now);

		if (!timer)
			break;
		WRITE_ONCE(here->running, timer);
		arch_spin_unlock_raw(&here->lock);
		timer->fn(timer);
		arch_spin_lock_raw(&here->lock);
		WRITE_ONCE(here->running, NULL);
	}
	here->armed = 0;
	arm(here, arch_clock_ns());
	arch_spin_unlock_raw(&here->lock);
	preempt_enable_quiet(); /* the way out of the interrupt looks for requests */
}
