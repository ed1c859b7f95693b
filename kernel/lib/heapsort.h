/* SPDX-License-Identifier: MIT */
/* Sorting in place for tables whose elements know where they stand. PURE. */
#pragma once

#include <quench/types.h>

/* Element i comes before element j. */
typedef bool (*heapsort_before_fn)(const void *table, size_t i, size_t j);
/* Exchanges two elements, and whatever in them depends on their place. */
typedef void (*heapsort_swap_fn)(void *table, size_t i, size_t j);

/* Sorts n elements with O(n log n) comparisons and swaps whatever their order, no memory and no
 * recursion. Equal elements end up in any order. __early. */
void heapsort_table(void *table, size_t n, heapsort_before_fn before, heapsort_swap_fn swap);
