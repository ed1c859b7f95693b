/* SPDX-License-Identifier: MIT */
/*
 * A priority queue whose links stand in the queued objects, so that it never needs memory: a
 * pairing heap (Fredman, Sedgewick, Sleator, Tarjan, "The Pairing Heap: A New Form of
 * Self-Adjusting Heap", 1986). Insertion is constant, removal logarithmic on average. PURE; the
 * caller locks.
 */
#pragma once

#include <quench/compiler.h>
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

/* Into a heap that is not empty; out of one with others (heap.c). */
void heap_join(struct heap *heap, struct heap_node *node);
void heap_leave(struct heap *heap, struct heap_node *node);

/* The node, not queued, with its key set, goes in. Such a node is all zero but for its key and the
 * order it had. The first one has no work to do: it is what switches do most. */
static inline void heap_add(struct heap *heap, struct heap_node *node)
{
	node->order = heap->next_order++;
	node->queued = true;
	if (unlikely(heap->first)) {
		heap_join(heap, node);
		return;
	}
	node->link = &heap->first;
	heap->first = node;
}

/* A queued node comes out. */
static inline void heap_remove(struct heap *heap, struct heap_node *node)
{
	node->queued = false;
	if (likely(heap->first == node && !node->child))
		heap->first = NULL;
	else
		heap_leave(heap, node);
}
