/* SPDX-License-Identifier: MIT */
/* Plots of text, slots of a plot, and the search within one. PURE. */
#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>

#define SHIFT_BITS 4
#define PLOT_BITS  (unsigned)__builtin_ctz(EXTABLE_PLOT_BYTES)

/* log2 of the bytes of a slot: one slot for a plot without entries, else two or more an entry. */
static inline unsigned shift_for(size_t entries)
{
	unsigned bits = entries ? 64 - (unsigned)__builtin_clzll(2 * entries - 1) : 0;

	return bits < PLOT_BITS ? PLOT_BITS - bits : 0;
}

/* The slots of the plot at `start` from slots[slot] on, its entries being those from `first` to
 * before `stop`; returns the first slot behind. */
static inline size_t fill(u32 *slots, size_t slot, const struct extable_entry *table, size_t first,
			  size_t stop, u64 start, unsigned shift)
{
	size_t end = slot + (EXTABLE_PLOT_BYTES >> shift);

	for (size_t begin = slot; first < stop; first++) {
		size_t own = begin + ((extable_insn_of(&table[first]) - start) >> shift);

		while (slot <= own)
			slots[slot++] = (u32)first;
	}
	while (slot < end)
		slots[slot++] = (u32)stop;
	return end;
}

void extable_index_build(struct extable_index *index, const struct extable_entry *table, size_t n,
			 u64 start, u64 stop, u32 *words)
{
	size_t nr_plots = (stop - start) / EXTABLE_PLOT_BYTES + 1, at = 0, slot = 0;
	u32 *slots = words + nr_plots;

	for (size_t plot = 0; plot < nr_plots; plot++, start += EXTABLE_PLOT_BYTES) {
		size_t first = at;
		unsigned shift;

		while (at < n && extable_insn_of(&table[at]) - start < EXTABLE_PLOT_BYTES)
			at++;
		shift = shift_for(at - first);
		words[plot] = (u32)(slot << SHIFT_BITS | shift);
		slot = fill(slots, slot, table, first, at, start, shift);
	}
	slots[slot] = (u32)at;
	start -= nr_plots * EXTABLE_PLOT_BYTES;
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
