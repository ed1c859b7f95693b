/* SPDX-License-Identifier: MIT */
/* Slots of text, and the search within one. PURE. */
#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>

static size_t slot_of(const struct extable_index *index, u64 address)
{
	return (address - index->start) >> index->shift;
}

void extable_index_build(struct extable_index *index, const struct extable_entry *table, size_t n,
			 u64 start, u64 stop, u32 *slots, size_t room)
{
	size_t slot = 0, last;

	*index = (struct extable_index){ .table = table, .n = n, .start = start, .slots = slots };
	while ((stop - start) >> index->shift > room - 2)
		index->shift++;
	last = slot_of(index, stop);
	index->nr_slots = last + 1;
	for (size_t i = 0; i < n; i++) {
		size_t own = slot_of(index, extable_insn_of(&table[i]));

		while (slot <= own && slot <= last)
			slots[slot++] = (u32)i;
	}
	while (slot <= index->nr_slots)
		slots[slot++] = (u32)n;
}

const struct extable_entry *extable_index_search(const struct extable_index *index, u64 address)
{
	size_t slot = slot_of(index, address);

	if (address < index->start || slot >= index->nr_slots)
		return NULL;
	return extable_search(index->table + index->slots[slot],
			      index->slots[slot + 1] - index->slots[slot], address);
}
