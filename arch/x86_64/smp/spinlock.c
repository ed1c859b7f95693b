/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a spin lock. On a machine of its own, in a queue: fair, and each waiter looks at its
 * own cache line. Under a hypervisor whoever is running takes it: the first in a queue may be a
 * processor that the host does not let run now, and all would wait for it (docs/locking.md).
 */
#include <arch/alternative.h>
#include <arch/percpu.h>
#include <arch/smp.h>
#include <arch/spinlock.h>
#include <quench/log.h>
#include <x86/smp.h>
#include <x86/spin_queue.h>

/* So many looks, minutes at the least, and the lock is never coming back. */
#define PATIENCE (UINT64_C(1) << 34)

/* Locks one processor may wait for at once: one of a task, one of an interrupt handler within. */
#define NESTED 4

struct spin_nodes {
	struct spin_node node[NESTED];
	u32 used;
	u64 waits; /* how often this processor did not get a lock at once */
};
static PERCPU(struct spin_nodes, nodes);

struct patience {
	const struct arch_spinlock *lock;
	u64 looks;
};

/*
 * Calls of other processors are answered while waiting: one that holds the lock may be waiting for
 * this one to drop translations, and interrupts may be off here.
 */
static void look(void *context)
{
	struct patience *patience = context;

	arch_pause();
	x86_calls_run();
	if (++patience->looks == PATIENCE)
		panic("a spin lock at %p is never let go", (const void *)patience->lock);
}

static struct spin_node *node_of(u16 tail)
{
	return &percpu_of(nodes, tail / NESTED - 1)->node[tail % NESTED];
}

static void take_when_free(struct arch_spinlock *lock, struct patience *patience)
{
	while (READ_ONCE(lock->word) || !arch_spin_trylock_raw(lock))
		look(patience);
}

static void take_in_turn(struct arch_spinlock *lock, struct spin_nodes *mine,
			 struct patience *patience)
{
	const struct spin_waiting waiting = { node_of, look, patience };
	u32 used = mine->used;

	_Static_assert((MAX_CPUS + 1) * NESTED <= UINT16_MAX, "a tail names processor and node");
	WRITE_ONCE(mine->used, used + 1);
	barrier();
	spin_queue_wait(lock, (u16)((arch_cpu_index() + 1) * NESTED + used), &waiting);
	barrier();
	WRITE_ONCE(mine->used, used);
}

void arch_spin_wait(struct arch_spinlock *lock)
{
	struct patience patience = { .lock = lock };
	struct spin_nodes *mine = percpu_here(nodes);

	mine->waits++;
	if (cpu_has(FEATURE_HYPERVISOR) || mine->used == NESTED)
		take_when_free(lock, &patience);
	else
		take_in_turn(lock, mine, &patience);
}

u64 arch_spin_waits(void)
{
	u64 waits = 0;

	for (unsigned cpu = 0; cpu < arch_cpu_count(); cpu++)
		waits += READ_ONCE(percpu_of(nodes, cpu)->waits);
	return waits;
}
