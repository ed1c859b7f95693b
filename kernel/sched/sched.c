/* SPDX-License-Identifier: MIT */
/* Sleeping, waking and switching. Lock order: docs/locking.md. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/smp.h>
#include <kernel/proc/task.h>
#include <kernel/sched/queue.h>
#include <kernel/sched/sched.h>
#include <quench/log.h>
#include <quench/upcalls.h>

#define SLICE_NS  UINT64_C(4000000) /* how often the order is looked at while somebody waits */
#define CREDIT_US 3000              /* what sleep may earn */
#define MARGIN_US 1000              /* how far behind a woken task must be to run at once */

PERCPU(struct cpu_queue, sched_queue);
struct cpumask sched_idle_cpus;
unsigned sched_cpus;
static u64 credit, margin; /* TSC ticks; set before the first switch */

static __inlined void account(struct cpu_queue *queue, struct task *task, u64 now)
{
	u64 delta = now - task->since;

	if ((s64)delta <= 0) /* another processor's counter is a little ahead */
		return;
	task->since = now;
	if (task == queue->idle)
		return;
	task->ran += delta;
	run_queue_account(&queue->fair, &task->sched, delta);
}

/* Somebody waits: the running task's time has an end. On this processor. */
static void start_slice(struct cpu_queue *queue)
{
	if (!timer_pending(&queue->slice))
		timer_start(&queue->slice, arch_clock_ns() + SLICE_NS);
}

/* The end of every switch, in the task that goes on: the queue's lock is still held. */
static void finish_switch(void)
{
	struct cpu_queue *queue = percpu_here(sched_queue);
	struct task *previous = queue->previous;
	u32 state = previous->on_queue ? TASK_RUNNING : previous->state;

	arch_spin_unlock_raw(&queue->lock);
	if (unlikely(state == TASK_DEAD))
		task_put(previous);
	else if (unlikely(state == TASK_WAKING))
		sched_rehome(previous);
}

static void switch_to(struct cpu_queue *queue, struct task *self, struct task *next, u64 now)
{
	next->since = now;
	queue->running = next;
	queue->previous = self;
	arch_aspace_switch(next->aspace ? &next->aspace->arch : NULL);
	arch_task_switch(&self->arch, &next->arch);
}

/* The one to run now, taken out of the heap; `stays`: the running one may go on. */
static struct task *pick(struct cpu_queue *queue, struct task *self, bool stays)
{
	struct sched_entity *first = run_queue_first(&queue->fair);

	if (stays && (!first || !run_queue_due(first, &self->sched, 0)))
		return self;
	if (!first && sched_steal(queue, arch_cpu_index()))
		first = run_queue_first(&queue->fair);
	if (!first)
		return queue->idle;
	run_queue_remove(&queue->fair, first);
	if (stays)
		run_queue_add(&queue->fair, &self->sched);
	return container_of(first, struct task, sched);
}

/* Something waits that ends the sleep it has announced. */
static bool interrupted(const struct task *self)
{
	if (self->state == TASK_INTERRUPTIBLE)
		return true;
	return self->state == TASK_KILLABLE && arch_work_get(&self->arch) & TASK_WORK_DOOMED;
}

/* Whether the running task leaves the queue: it may not run here any more, or it announced a sleep
 * and no signal stands against it. */
static bool leaves(struct task *self, bool preempted)
{
	if (unlikely(!cpumask_test(&self->allowed, self->cpu)) && self->state != TASK_DEAD) {
		self->state = TASK_WAKING; /* finish_switch takes care of it */
		return true;
	}
	if (preempted || self->state == TASK_RUNNING)
		return false;
	if (unlikely(arch_work_get(&self->arch) & (ARCH_WORK_SIGNAL | TASK_WORK_DOOMED)) &&
	    interrupted(self)) {
		self->state = TASK_RUNNING;
		return false;
	}
	return true;
}

void sched_switch(enum sched_reason reason)
{
	struct task *self = task_current(), *next;
	struct cpu_queue *queue;
	u64 now;

	preempt_disable();
	queue = percpu_here(sched_queue);
	arch_spin_lock_raw(&queue->lock);
	now = arch_tsc();
	account(queue, self, now);
	if (reason == SCHED_YIELDS)
		run_queue_yield(&queue->fair, &self->sched);
	arch_resched_clear(&self->arch);
	if (leaves(self, reason != SCHED_SLEEPS))
		self->on_queue = false;
	next = pick(queue, self, self->on_queue && self != queue->idle);
	if (queue->fair.nr)
		start_slice(queue);
	if (next == self) {
		arch_spin_unlock_raw(&queue->lock);
	} else {
		switch_to(queue, self, next, now);
		finish_switch();
	}
	preempt_enable_quiet();
}

void sched_sleep(void)
{
	arch_interrupts_off();
	sched_switch(SCHED_SLEEPS);
	arch_interrupts_on();
}

void kernel_preempt(void)
{
	if (preempt_count() || !arch_current())
		return;
	u64 flags = arch_interrupts_save();

	sched_switch(SCHED_PREEMPTED);
	arch_interrupts_restore(flags);
}

void sched_yield(void)
{
	arch_interrupts_off();
	if (percpu_here(sched_queue)->fair.nr)
		sched_switch(SCHED_YIELDS);
	arch_interrupts_on();
}

void sched_exit(void)
{
	arch_interrupts_off();
	task_current()->state = TASK_DEAD;
	sched_switch(SCHED_SLEEPS);
	panic("%s[%d] came back from its end", task_current()->name, task_current()->pid);
}

void sched_request(struct cpu_queue *queue, unsigned cpu)
{
	if (cpu == arch_cpu_index())
		arch_resched_here();
	else
		arch_resched_cpu(cpu, &queue->running->arch);
}

/* The queue's timer is its own processor's to start. */
static __noinline void watch(struct cpu_queue *queue, unsigned cpu)
{
	if (cpu == arch_cpu_index())
		start_slice(queue);
	else
		sched_request(queue, cpu);
}

static __inlined void enqueue(struct cpu_queue *queue, struct task *task, bool at_once)
{
	unsigned cpu = task->cpu;

	run_queue_place(&queue->fair, &task->sched, credit);
	task->on_queue = true;
	task->state = TASK_RUNNING;
	run_queue_add(&queue->fair, &task->sched);
	if (queue->running == queue->idle) {
		cpumask_clear_atomic(&sched_idle_cpus, cpu);
		sched_request(queue, cpu);
		return;
	}
	if (unlikely(!timer_pending(&queue->slice)))
		watch(queue, cpu);
	if (!at_once && cpu == arch_cpu_index())
		return; /* the caller sleeps soon */
	account(queue, queue->running, arch_tsc());
	if (run_queue_due(&task->sched, &queue->running->sched, margin))
		sched_request(queue, cpu);
}

void sched_enqueue(struct cpu_queue *queue, struct task *task, bool at_once)
{
	enqueue(queue, task, at_once);
}

struct cpu_queue *sched_move(struct cpu_queue *from, struct task *task, unsigned cpu)
{
	struct cpu_queue *to = percpu_of(sched_queue, cpu);
	u64 distance = task->sched.node.key - from->fair.floor;

	arch_spin_unlock(&from->lock);
	arch_spin_lock(&to->lock);
	task->sched.node.key = to->fair.floor + distance;
	task->cpu = cpu;
	return to;
}

/* A copy for each of the three callers: half of all system calls that block come through here. */
static __inlined bool wake(struct task *task, unsigned states, bool here, bool at_once)
{
	u64 flags;
	struct cpu_queue *queue;
	bool woken = false;

	flags = arch_interrupts_save();
	queue = sched_lock_queue_of(task);
	if (task->state & states) {
		woken = true;
		if (task->on_queue) { /* it has not gone to sleep yet */
			task->state = TASK_RUNNING;
		} else {
			unsigned cpu = sched_place(task, here);

			task->state = TASK_WAKING;
			if (cpu != task->cpu)
				queue = sched_move(queue, task, cpu);
			enqueue(queue, task, at_once);
		}
	}
	arch_spin_unlock_irqrestore(&queue->lock, flags);
	return woken;
}

bool sched_wake(struct task *task, unsigned states)
{
	return wake(task, states, false, true);
}

bool sched_wake_sync(struct task *task, unsigned states)
{
	return wake(task, states, true, false);
}

bool sched_wake_lazy(struct task *task, unsigned states)
{
	return wake(task, states, false, false);
}

void sched_start(struct task *task)
{
	u64 flags = arch_interrupts_save();
	struct cpu_queue *here = percpu_here(sched_queue);

	/* Where its maker is in the order, a newcomer is too. */
	arch_spin_lock(&here->lock);
	task->cpu = arch_cpu_index();
	task->sched.node.key = here->fair.floor + credit / 4;
	task->state = TASK_WAKING;
	task->since = arch_tsc();
	unsigned cpu = sched_place(task, false);

	if (cpu != task->cpu)
		here = sched_move(here, task, cpu);
	sched_enqueue(here, task, false); /* its maker goes on for a while */
	arch_spin_unlock_irqrestore(&here->lock, flags);
}

void sched_first_steps(void)
{
	finish_switch();
	preempt_enable_quiet();
	arch_interrupts_on();
}

/* Interrupt context: somebody has waited for a whole slice. */
static void slice_over(struct timer *timer)
{
	struct cpu_queue *queue = percpu_here(sched_queue);
	struct sched_entity *first;

	arch_spin_lock(&queue->lock);
	first = run_queue_first(&queue->fair);
	if (first) {
		account(queue, queue->running, arch_tsc());
		if (queue->running == queue->idle ||
		    run_queue_due(first, &queue->running->sched, 0))
			arch_resched_here();
		start_slice(queue);
		sched_offer(queue);
	}
	arch_spin_unlock(&queue->lock);
}

u64 sched_ticks_to_ns(u64 ticks)
{
	u64 khz = arch_tsc_khz();

	return ticks / khz * 1000000 + ticks % khz * 1000000 / khz;
}

u64 sched_runtime_ns(const struct task *task)
{
	u64 ticks = READ_ONCE(task->ran);

	if (task == task_current())
		ticks += arch_tsc() - task->since;
	return sched_ticks_to_ns(ticks);
}

void sched_queue_init(unsigned cpu, struct task *running, struct task *idle)
{
	struct cpu_queue *queue = percpu_of(sched_queue, cpu);

	credit = arch_tsc_khz() / 1000 * CREDIT_US;
	margin = arch_tsc_khz() / 1000 * MARGIN_US;
	timer_init(&queue->slice, slice_over);
	idle->cpu = running->cpu = cpu;
	running->since = arch_tsc();
	running->on_queue = idle->on_queue = true;
	queue->running = running;
	queue->idle = idle;
	if (sched_cpus <= cpu)
		sched_cpus = cpu + 1;
}
