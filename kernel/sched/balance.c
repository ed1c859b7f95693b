/* SPDX-License-Identifier: MIT */
/* Which processor: placement of woken tasks, stealing by idle ones, affinity. */
#include <arch/smp.h>
#include <asm/errno.h>
#include <kernel/sched/queue.h>
#include <linux/sched.h>

#define LOOKED_AT 16 /* waiting tasks a thief looks at */

/* The first that may run on `cpu` among those who wait: not always the very first, yet near. */
static struct task *movable(const struct cpu_queue *queue, unsigned cpu)
{
	struct heap_node *node = queue->fair.heap.first;

	for (unsigned i = 0; node && i < LOOKED_AT; i++) {
		struct task *task = container_of(node, struct task, sched.node);

		if (cpumask_test(&task->allowed, cpu))
			return task;
		node = i ? node->sibling : node->child;
	}
	return NULL;
}

static bool take(struct cpu_queue *mine, struct cpu_queue *theirs, unsigned cpu)
{
	struct task *task = movable(theirs, cpu);

	if (!task)
		return false;
	run_queue_remove(&theirs->fair, &task->sched);
	run_queue_move(&theirs->fair, &mine->fair, &task->sched);
	task->cpu = cpu;
	run_queue_add(&mine->fair, &task->sched);
	return true;
}

bool sched_steal(struct cpu_queue *mine, unsigned cpu)
{
	unsigned count = arch_cpu_count();
	bool done = false;

	for (unsigned i = 1; i < count && !done; i++) {
		struct cpu_queue *theirs = percpu_of(sched_queue, (cpu + i) % count);

		/* Only tried: two thieves of each other would wait for ever. */
		if (!READ_ONCE(theirs->fair.nr) || !arch_spin_trylock_raw(&theirs->lock))
			continue;
		done = take(mine, theirs, cpu);
		arch_spin_unlock_raw(&theirs->lock);
	}
	return done;
}

static unsigned first_of_both(const struct cpumask *a, const struct cpumask *b)
{
	for (unsigned i = 0; i < (sched_cpus + 63) / 64; i++) {
		u64 both = READ_ONCE(a->word[i]) & READ_ONCE(b->word[i]);

		if (both)
			return i * 64 + (unsigned)__builtin_ctzll(both);
	}
	return MAX_CPUS;
}

unsigned sched_place(const struct task *task, bool sync)
{
	unsigned here = arch_cpu_index(), before = task->cpu, idle;
	bool here_too, before_too;

	if (sched_cpus == 1)
		return 0;
	here_too = cpumask_test(&task->allowed, here);
	before_too = cpumask_test(&task->allowed, before);
	if (sync && here_too && !percpu_here(sched_queue)->fair.nr)
		return here;
	if (before_too && cpumask_test(&sched_idle_cpus, before))
		return before;
	idle = first_of_both(&sched_idle_cpus, &task->allowed);
	if (idle < MAX_CPUS)
		return idle;
	if (here_too)
		return here;
	return before_too ? before : cpumask_next(&task->allowed, 0);
}

void sched_offer(const struct cpu_queue *queue)
{
	const struct heap_node *first = queue->fair.heap.first;
	unsigned cpu;

	if (!first)
		return;
	cpu = first_of_both(&sched_idle_cpus,
			    &container_of(first, struct task, sched.node)->allowed);
	if (cpu < MAX_CPUS)
		arch_kick(cpu);
}

void sched_rehome(struct task *task)
{
	struct cpu_queue *queue = sched_lock_queue_of(task);
	unsigned cpu = sched_place(task, false);

	if (cpu != task->cpu)
		queue = sched_move(queue, task, cpu);
	sched_enqueue(queue, task, true);
	arch_spin_unlock(&queue->lock);
}

/* Locks its queue while it is not between two queues. */
static struct cpu_queue *lock_settled(struct task *task)
{
	for (;;) {
		struct cpu_queue *queue = sched_lock_queue_of(task);

		if (task->state != TASK_WAKING)
			return queue;
		arch_spin_unlock(&queue->lock);
		arch_pause();
	}
}

/* The mask has changed under a task that runs or waits on a processor it must leave. */
static void leave(struct cpu_queue *queue, struct task *task)
{
	if (task->sched.node.queued) {
		run_queue_remove(&queue->fair, &task->sched);
		task->on_queue = false;
		task->state = TASK_WAKING;
		arch_spin_unlock(&queue->lock);
		sched_rehome(task);
		return;
	}
	if (task->on_queue)
		sched_request(queue, task->cpu);
	arch_spin_unlock(&queue->lock);
}

int sched_set_affinity(struct task *task, const struct cpumask *mask)
{
	struct cpumask wanted;
	struct cpu_queue *queue;
	u64 flags;

	cpumask_first_n(&wanted, arch_cpu_count());
	for (unsigned i = 0; i < ARRAY_SIZE(wanted.word); i++)
		wanted.word[i] &= mask->word[i];
	if (cpumask_empty(&wanted))
		return -EINVAL;
	flags = arch_interrupts_save();
	queue = lock_settled(task);
	task->allowed = wanted;
	if (cpumask_test(&wanted, task->cpu))
		arch_spin_unlock(&queue->lock);
	else
		leave(queue, task);
	arch_interrupts_restore(flags);
	kernel_preempt(); /* it may have been the running one */
	return 0;
}

void sched_set_policy(struct task *task, u8 policy, int nice)
{
	u64 flags = arch_interrupts_save();
	struct cpu_queue *queue = sched_lock_queue_of(task);

	task->policy = policy;
	task->nice = (s8)nice;
	sched_entity_set_weight(&task->sched,
				policy == SCHED_IDLE ? WEIGHT_IDLE : sched_weight(nice));
	arch_spin_unlock_irqrestore(&queue->lock, flags);
}
