/* SPDX-License-Identifier: MIT */
/*
 * A priority queue whose links stand in the queued objects, so that it never needs memory: a
 * pairing heap (Fredman, Sedgewick, Sleator, Tarjan, "The Pairing Heap: A New Form of
 * Self-Adjusting Heap", 1986). Insertion is constant, removal logarithmic on average. PURE; the
 * caller locks.
 */
#pragma once

#include <quench/types.h>

struct heap_node {
	u64 key;   /* compared as a circle: keys of one heap lie within 2^63 of each other */
	u32 order; /* of equal keys the older goes first */
	bool queued;
	struct heap_node *child;   /* the first one */
	struct heap_node *sibling; /* the next one */
	struct heap_node **link;   /* the pointer that points here */
};

struct heap {
	struct heap_node *first; /* the smallest; NULL: empty */
	u32 next_order;
};

/* The node, not queued, with its key set, goes in; a queued one comes out. */
void heap_add(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node);
