/* SPDX-License-Identifier: MIT */
/*
 * The fair order of runnable tasks: who has had the least processor time for its weight goes
 * first. PURE: the caller brings time and locking.
 */
#pragma once

#include <kernel/lib/heap.h>
#include <quench/types.h>

#define NICE_MIN     (-20)
#define NICE_MAX     19
#define WEIGHT_NICE0 1024
#define WEIGHT_IDLE  3 /* SCHED_IDLE */

struct sched_entity {
	struct heap_node node; /* key: virtual runtime, clock units * WEIGHT_NICE0 / weight */
	u32 weight;
	u32 inverse; /* WEIGHT_NICE0 * 2^22 / weight */
};

/* The running entity is not in the heap. */
struct run_queue {
	struct heap heap;
	u32 nr;    /* in the heap */
	u64 floor; /* never falls; where a newcomer starts */
};

/* The weight of a nice value as in Linux: sched(7), "The nice value"; a step is about 1.25. */
u32 sched_weight(int nice);
void sched_entity_set_weight(struct sched_entity *entity, u32 weight);

static inline void run_queue_add(struct run_queue *queue, struct sched_entity *entity)
{
	heap_add(&queue->heap, &entity->node);
	queue->nr++;
}
static inline void run_queue_remove(struct run_queue *queue, struct sched_entity *entity)
{
	heap_remove(&queue->heap, &entity->node);
	queue->nr--;
}

/* The next to run, which stays queued; NULL: none. */
static inline struct sched_entity *run_queue_first(const struct run_queue *queue)
{
	return (struct sched_entity *)queue->heap.first; /* `node` is the first member */
}

/* `delta` clock units of an entity whose weight is not that of nice 0, in virtual time. */
u64 sched_virtual_time(const struct sched_entity *entity, u64 delta);

/* The running entity ran for `delta` clock units: its virtual runtime grows, the floor follows. */
static inline void run_queue_account(struct run_queue *queue, struct sched_entity *running,
				     u64 delta)
{
	const struct sched_entity *first = run_queue_first(queue);
	u64 least;

	if (unlikely(running->weight != WEIGHT_NICE0))
		delta = sched_virtual_time(running, delta);
	least = running->node.key += delta;
	if (first && (s64)(first->node.key - least) < 0)
		least = first->node.key;
	if ((s64)(least - queue->floor) > 0)
		queue->floor = least;
}

/*
 * Places an entity that has slept or is new: at most `credit` virtual units below the floor, so
 * that sleep earns a quick start but no long monopoly.
 */
static inline void run_queue_place(const struct run_queue *queue, struct sched_entity *entity,
				   u64 credit)
{
	u64 least = queue->floor - credit;

	if ((s64)(entity->node.key - least) < 0)
		entity->node.key = least;
}

/* An entity, not queued, moves: keeps its distance to the floor. */
void run_queue_move(const struct run_queue *from, const struct run_queue *to,
		    struct sched_entity *entity);

/* The running entity gives way: behind the first that waits. */
void run_queue_yield(const struct run_queue *queue, struct sched_entity *running);

/* Whether `waiting` is more than `margin` virtual units behind `running`. */
static inline bool run_queue_due(const struct sched_entity *waiting,
				 const struct sched_entity *running, u64 margin)
{
	return (s64)(running->node.key - waiting->node.key) > (s64)margin;
}
