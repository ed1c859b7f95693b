/* SPDX-License-Identifier: MIT */
/*
 * A way into the sorted exception table that costs two looks whatever its length: text is cut into
 * slots of equal size, and each knows how many entries stand before it. PURE. docs/extable.md has
 * the figures.
 */
#pragma once

#include <arch/extable.h>
#include <quench/types.h>

struct extable_index {
	const struct extable_entry *table;
	size_t n;
	u64 start;        /* the address where slot 0 begins */
	unsigned shift;   /* a slot is 2^shift bytes */
	size_t nr_slots;  /* in use; slots[nr_slots] is n */
	const u32 *slots; /* entries before each slot */
};

/* Slots that pay for n entries: about one for every two of them, and one to end with. */
static inline size_t extable_index_room(size_t n)
{
	return n / 2 + 2;
}

/*
 * Makes the index of a sound table of n entries, all of instructions in [start, stop), with room
 * for `room` slots, at least 2. Of a table that is not sound, one that finds less. Linear.
 */
void extable_index_build(struct extable_index *index, const struct extable_entry *table, size_t n,
			 u64 start, u64 stop, u32 *slots, size_t room);

/* The entry for the instruction at `address`, or NULL. Looks at two slots, and at no more than
 * ceil(log2 m) + 1 of the m entries between them. Of an index that is all zeros: NULL. */
const struct extable_entry *extable_index_search(const struct extable_index *index, u64 address);
