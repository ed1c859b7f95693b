/* SPDX-License-Identifier: MIT */
/*
 * A way into the sorted exception table that costs one or two looks whatever its length: text is
 * cut into plots of equal size, each plot into slots, the more of them the more entries it has, and
 * each slot knows how many entries stand before it. PURE. docs/extable.md has the figures.
 */
#pragma once

#include <arch/extable.h>
#include <quench/types.h>

#define EXTABLE_PLOT_BYTES 2048

struct extable_index {
	const struct extable_entry *table;
	size_t n;
	u64 start; /* the address where plot 0 begins */
	size_t nr_plots;
	const u32 *plots; /* of each: number of its first slot << 4 | log2 of the bytes of a slot */
	const u32 *slots; /* entries before each; one more to end with */
};

/* Words enough for the index of n entries in that many bytes of text. kernel.lds.S has it, too. */
static inline size_t extable_index_room(size_t n, size_t bytes)
{
	return 2 * (bytes / EXTABLE_PLOT_BYTES + 1) + 3 * n + 1;
}

/*
 * Makes the index of a sound table of n entries, all of instructions in [start, stop), in
 * extable_index_room(n, stop - start) words, which must stay. Of a table that is not sound, one
 * that finds less. Linear in entries and bytes of text.
 */
void extable_index_build(struct extable_index *index, const struct extable_entry *table, size_t n,
			 u64 start, u64 stop, u32 *words);

/* The entry for the instruction at `address`, or NULL. Looks at no more than ceil(log2 m) + 1 of
 * the m entries in the slot of the address. Of an index that is all zeros: NULL. */
const struct extable_entry *extable_index_search(const struct extable_index *index, u64 address);
