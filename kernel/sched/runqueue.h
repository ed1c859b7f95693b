/* SPDX-License-Identifier: MIT */
/*
 * The fair order of runnable tasks: who has had the least processor time for its weight goes
 * first. A binary heap of entities by virtual runtime. PURE: the caller brings time and locking.
 */
#pragma once

#include <quench/types.h>

#define NICE_LEVELS  40 /* nice -20..19 */
#define NICE_MIN     (-20)
#define NICE_MAX     19
#define WEIGHT_NICE0 1024

struct sched_entity {
	u64 vruntime; /* clock units * WEIGHT_NICE0 / weight, relative to the queue's floor */
	u32 weight;   /* of sched_weight */
	u32 inverse;  /* 2^32 / weight */
	u32 slot;     /* place in the heap + 1; 0: not queued */
	u32 order;    /* breaks ties: first in, first out */
};

struct run_queue {
	struct sched_entity **heap; /* the first is the next to run */
	u32 nr, capacity;
	u32 next_order;
	u64 floor;  /* never falls; what a newcomer starts from */
	u64 weight; /* of all queued entities */
};

/* The weight of a nice value, as Linux's sched(7) has it: each step is a factor of about 1.25. */
u32 sched_weight(int nice);
void sched_entity_set_nice(struct sched_entity *entity, int nice);

/* `capacity` places at `heap`, the caller's; run_queue_grow moves to a larger array and returns
 * the old one. */
void run_queue_init(struct run_queue *queue, struct sched_entity **heap, u32 capacity);
struct sched_entity **run_queue_grow(struct run_queue *queue, struct sched_entity **heap,
				     u32 capacity);

/* Puts an entity in, takes it out. It must not be, must be queued; room is the caller's duty. */
void run_queue_add(struct run_queue *queue, struct sched_entity *entity);
void run_queue_remove(struct run_queue *queue, struct sched_entity *entity);
/* The next to run, NULL when there is none; stays queued. */
struct sched_entity *run_queue_first(const struct run_queue *queue);

/* The entity, not queued, ran for `delta` clock units: its vruntime grows, the floor follows. */
void run_queue_account(struct run_queue *queue, struct sched_entity *entity, u64 delta);

/*
 * Places an entity that comes from sleep or is new, or comes from another queue: at most `credit`
 * (virtual units) below the floor, so that sleep earns a quick start but no long monopoly.
 */
void run_queue_place(const struct run_queue *queue, struct sched_entity *entity, u64 credit);
/* Makes vruntime relative when an entity leaves for another queue, and absolute when it arrives. */
void run_queue_leave(const struct run_queue *queue, struct sched_entity *entity);
void run_queue_arrive(const struct run_queue *queue, struct sched_entity *entity);

/* Whether `waiting` ought to run instead of `running`, which is ahead by more than `margin`. */
bool run_queue_preempts(const struct sched_entity *waiting, const struct sched_entity *running,
			u64 margin);
