/* SPDX-License-Identifier: MIT */
/* Heap sort through callbacks. PURE. */
#include <kernel/lib/heapsort.h>
#include <quench/compiler.h>

/* Lets element `root` sink to its place in the heap of the first n, the last on top. */
static __early void sink(void *table, size_t root, size_t n, heapsort_before_fn before,
			 heapsort_swap_fn swap)
{
	for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1) {
		if (child + 1 < n && before(table, child, child + 1))
			child++;
		if (!before(table, root, child))
			return;
		swap(table, root, child);
		root = child;
	}
}

__early void heapsort_table(void *table, size_t n, heapsort_before_fn before, heapsort_swap_fn swap)
{
	for (size_t root = n / 2; root-- > 0;)
		sink(table, root, n, before, swap);
	while (n > 1) {
		swap(table, 0, --n);
		sink(table, 0, n, before, swap);
	}
}
