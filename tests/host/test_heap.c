/* SPDX-License-Identifier: MIT */
/* kernel/lib/heap.h against a plain list that is searched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <kernel/lib/heap.h>

#include "random.h"

#define NODES 200
#define STEPS 200000

static struct heap_node nodes[NODES];

/* The one that must come first: smallest key on the circle, then oldest. NULL: none is queued. */
static struct heap_node *expected_first(void)
{
	struct heap_node *best = NULL;

	for (int i = 0; i < NODES; i++) {
		struct heap_node *node = &nodes[i];
		int64_t difference = best ? (int64_t)(node->key - best->key) : -1;

		if (!node->queued)
			continue;
		if (!best || difference < 0 ||
		    (!difference && (int32_t)(node->order - best->order) < 0))
			best = node;
	}
	return best;
}

/* Keys from a window that wanders over the whole circle, past its end. */
static void agrees_with_model(void **state)
{
	uint64_t seed = 5, base = UINT64_MAX - 1000;
	struct heap heap = { .next_order = UINT32_MAX - 1000 };

	for (int step = 0; step < STEPS; step++) {
		struct heap_node *node = &nodes[random_below(&seed, NODES)];

		if (node->queued) {
			heap_remove(&heap, node);
		} else {
			node->key = base + random_below(&seed, 50);
			heap_add(&heap, node);
		}
		base += random_below(&seed, 2);
		if (step % 7 == 0 && heap.first)
			heap_remove(&heap, heap.first);
		assert_ptr_equal(heap.first, expected_first());
	}
}

static void sorts(void **state)
{
	struct heap heap = { 0 };
	uint64_t seed = 1, last = 0;

	for (int i = 0; i < NODES; i++) {
		nodes[i] = (struct heap_node){ .key = random_below(&seed, 1000) };
		heap_add(&heap, &nodes[i]);
	}
	for (int i = 0; i < NODES; i++) {
		struct heap_node *first = heap.first;

		assert_true(first->key >= last);
		last = first->key;
		heap_remove(&heap, first);
		assert_false(first->queued);
	}
	assert_null(heap.first);
}

static void equal_keys_in_order(void **state)
{
	static struct heap heap;

	for (int i = 0; i < NODES; i++) {
		nodes[i] = (struct heap_node){ .key = 7 };
		heap_add(&heap, &nodes[i]);
	}
	for (int i = 0; i < NODES; i++) {
		assert_ptr_equal(heap.first, &nodes[i]);
		heap_remove(&heap, &nodes[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_model),
		cmocka_unit_test(sorts),
		cmocka_unit_test(equal_keys_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
