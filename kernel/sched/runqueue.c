/* SPDX-License-Identifier: MIT */
/* The fair order of runnable tasks. PURE. */
#include <kernel/sched/runqueue.h>

_Static_assert(offsetof(struct sched_entity, node) == 0, "run_queue_first relies on it");

#define INVERSE_SHIFT 22

/* 1024 * 1.25^-nice, rounded as Linux does: programs may rely on its shares. */
u32 sched_weight(int nice)
{
	static const u32 weights[] = {
		88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
		9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,
		1024,  820,   655,   526,   423,   335,   272,   215,   172,   137,
		110,   87,    70,    56,    45,    36,    29,    23,    18,    15,
	};

	return weights[nice - NICE_MIN];
}

void sched_entity_set_weight(struct sched_entity *entity, u32 weight)
{
	entity->weight = weight;
	entity->inverse = (u32)(((u64)WEIGHT_NICE0 << INVERSE_SHIFT) / weight);
}

u64 sched_virtual_time(const struct sched_entity *entity, u64 delta)
{
	if (delta >> 32) /* seconds: precision does not matter, overflow would */
		return (delta >> INVERSE_SHIFT) * entity->inverse;
	return delta * entity->inverse >> INVERSE_SHIFT;
}

void run_queue_move(const struct run_queue *from, const struct run_queue *to,
		    struct sched_entity *entity)
{
	entity->node.key += to->floor - from->floor;
}

void run_queue_yield(const struct run_queue *queue, struct sched_entity *running)
{
	const struct sched_entity *first = run_queue_first(queue);

	if (first && (s64)(first->node.key - running->node.key) >= 0)
		running->node.key = first->node.key + 1;
}
