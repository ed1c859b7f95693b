/* SPDX-License-Identifier: MIT */
/* Entries follow their code, then stand in order. PURE. */
#include <asm/errno.h>
#include <kernel/extable/resolve.h>
#include <kernel/lib/heapsort.h>

/* The stretch that holds the address, or NULL: then it stayed where it is. */
static const struct text_move *move_of(const struct text_move *moves, size_t n, u64 address)
{
	size_t low = 0;

	while (low < n) { /* moves[low, n) may hold it */
		size_t middle = low + (n - low) / 2;

		if (address < moves[middle].from)
			n = middle;
		else if (address - moves[middle].from < moves[middle].bytes)
			return &moves[middle];
		else
			low = middle + 1;
	}
	return NULL;
}

/* Makes an entry say what it is to say, wherever it stands. */
static int put(struct extable_entry *entry, u64 insn, u64 fixup, s32 type)
{
	s64 to_insn = (s64)(insn - (u64)(uintptr_t)&entry->insn);
	s64 to_fixup = (s64)(fixup - (u64)(uintptr_t)&entry->fixup);

	*entry = (struct extable_entry){ (s32)to_insn, (s32)to_fixup, type };
	return to_insn == entry->insn && to_fixup == entry->fixup ? 0 : -ERANGE;
}

static int refuse(struct extable_problem *problem, u64 insn, const char *why, int error)
{
	*problem = (struct extable_problem){ insn, why };
	return error;
}

/* One entry to its place in the table, or nowhere. */
static int follow(struct extable_entry *to, const struct extable_entry *from,
		  const struct text_move *moves, size_t nr_moves, struct extable_counts *counts,
		  struct extable_problem *problem)
{
	u64 insn = extable_insn_of(from), fixup = extable_fixup_of(from);
	const struct text_move *insn_move = move_of(moves, nr_moves, insn);
	const struct text_move *fixup_move = move_of(moves, nr_moves, fixup);

	if (from->type < 0 || from->type >= NR_EXTABLE_TYPES)
		return refuse(problem, insn, "the entry is of an unknown type", -EINVAL);
	if (insn_move && !insn_move->to) {
		counts->dropped++;
		return 0;
	}
	if (fixup_move && !fixup_move->to)
		return refuse(problem, insn, "its fixup is code that is no longer there", -EINVAL);
	counts->entries++;
	if (insn_move) {
		counts->moved++;
		insn = insn_move->to + (insn - insn_move->from);
	}
	if (fixup_move)
		fixup = fixup_move->to + (fixup - fixup_move->from);
	if (put(to, insn, fixup, from->type))
		return refuse(problem, insn, "it is too far from the table", -ERANGE);
	return 0;
}

static bool before(const void *table, size_t i, size_t j)
{
	const struct extable_entry *entries = table;

	return extable_insn_of(&entries[i]) < extable_insn_of(&entries[j]);
}

/* Both entries point as far as before from a new place. Within reach: both were put here. */
static void swap(void *table, size_t i, size_t j)
{
	struct extable_entry *a = (struct extable_entry *)table + i;
	struct extable_entry *b = (struct extable_entry *)table + j;
	struct extable_entry kept = *a;
	s64 distance = (s64)((uintptr_t)b - (uintptr_t)a);

	a->insn = (s32)(b->insn + distance);
	a->fixup = (s32)(b->fixup + distance);
	a->type = b->type;
	b->insn = (s32)(kept.insn - distance);
	b->fixup = (s32)(kept.fixup - distance);
	b->type = kept.type;
}

int extable_resolve(struct extable_entry *table, size_t n, const struct text_move *moves,
		    size_t nr_moves, struct extable_counts *counts, struct extable_problem *problem)
{
	*counts = (struct extable_counts){ 0 };
	for (size_t i = 0; i < n; i++) {
		int error = follow(&table[counts->entries], &table[i], moves, nr_moves, counts,
				   problem);

		if (error)
			return error;
	}
	heapsort_table(table, counts->entries, before, swap);
	for (size_t i = 1; i < counts->entries; i++)
		if (!before(table, i - 1, i))
			return refuse(problem, extable_insn_of(&table[i]),
				      "two entries are for the same instruction", -EINVAL);
	for (size_t i = counts->entries; i < n; i++)
		table[i] = (struct extable_entry){ 0 };
	return 0;
}

bool extable_table_is_sound(const struct extable_entry *table, size_t n, u64 start, u64 stop)
{
	for (size_t i = 0; i < n; i++) {
		u64 insn = extable_insn_of(&table[i]), fixup = extable_fixup_of(&table[i]);

		if (insn < start || insn >= stop || fixup < start || fixup >= stop)
			return false;
		if (table[i].type < 0 || table[i].type >= NR_EXTABLE_TYPES)
			return false;
		if (i && !before(table, i - 1, i))
			return false;
	}
	return true;
}
