/* SPDX-License-Identifier: MIT */
/* Plots of text, slots of a plot, and the search within one. PURE. */
#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>

#define SHIFT_BITS 4
#define PLOT_BITS  (unsigned)__builtin_ctz(EXTABLE_PLOT_BYTES)

/* log2 of the bytes of a slot: one slot for a plot without entries, else three for two entries or
 * up to twice as many. */
static inline unsigned shift_for(size_t entries)
{
	size_t slots = (3 * entries + 1) / 2;
	unsigned bits = entries ? 64 - (unsigned)__builtin_clzll(slots - 1) : 0;

	return bits < PLOT_BITS ? PLOT_BITS - bits : 0;
}

/* The first of n entries, from `first` on, that is not of the plot at `start`. */
static inline size_t stop_of(const struct extable_entry *table, size_t first, size_t n, u64 start)
{
	size_t low = first, high = n - first < EXTABLE_PLOT_BYTES ? n : first + EXTABLE_PLOT_BYTES;

	if (first == n || extable_insn_of(&table[first]) - start >= EXTABLE_PLOT_BYTES)
		return first;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (extable_insn_of(&table[middle]) - start < EXTABLE_PLOT_BYTES)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The slots of the plot at `start` from slots[slot] on, its entries being those from `first` to
 * before `stop`; returns the first slot behind. */
static inline size_t fill(u32 *slots, size_t slot, const struct extable_entry *table, size_t first,
			  size_t stop, u64 start, unsigned shift)
{
	size_t end = slot + (EXTABLE_PLOT_BYTES >> shift);

	for (size_t begin = slot; first < stop; first++) {
		size_t own = begin + ((extable_insn_of(&table[first]) - start) >> shift);

		while (slot <= own && slot < end)
			slots[slot++] = (u32)first;
	}
	while (slot < end)
		slots[slot++] = (u32)stop;
	return end;
}

void extable_index_build(struct extable_index *index, const struct extable_entry *table, size_t n,
			 u64 start, u64 stop, u32 *words)
{
	size_t nr_plots = (stop - start) / EXTABLE_PLOT_BYTES + 1, first = 0, slot = 0;
	u32 *slots = words + nr_plots;

	for (size_t plot = 0; plot < nr_plots; plot++) {
		u64 plot_start = start + plot * EXTABLE_PLOT_BYTES;
		size_t behind = stop_of(table, first, n, plot_start);
		unsigned shift = shift_for(behind - first);

		words[plot] = (u32)(slot << SHIFT_BITS | shift);
		slot = fill(slots, slot, table, first, behind, plot_start, shift);
		first = behind;
	}
	slots[slot] = (u32)first;
	*index = (struct extable_index){ table, n, start, nr_plots, words, slots };
}

const struct extable_entry *extable_index_search(const struct extable_index *index, u64 address)
{
	u64 offset = address - index->start;
	size_t plot = offset / EXTABLE_PLOT_BYTES;
	const u32 *slot;

	if (plot >= index->nr_plots)
		return NULL;
	slot = index->slots + (index->plots[plot] >> SHIFT_BITS);
	slot += offset % EXTABLE_PLOT_BYTES >> (index->plots[plot] & ((1 << SHIFT_BITS) - 1));
	return extable_search(index->table + slot[0], slot[1] - slot[0], address);
}
