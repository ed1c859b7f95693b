/* SPDX-License-Identifier: MIT */
/* Entries follow their code, then stand in order. PURE. */
#include <asm/errno.h>
#include <kernel/extable/resolve.h>
#include <kernel/lib/heapsort.h>

/* The stretches that bear on an address. */
struct near {
	const struct text_move *at;     /* holds it, or NULL: then it stayed where it is */
	const struct text_move *before; /* ends right before it, or NULL */
};

static struct near near_of(const struct text_move *moves, size_t n, u64 address)
{
	size_t low = 0, high = n; /* moves[low, high) may be the first that starts behind */
	struct near near = { NULL, NULL };

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (moves[middle].from <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && address - moves[low - 1].from < moves[low - 1].bytes)
		near.at = &moves[--low];
	if (low && address - moves[low - 1].from == moves[low - 1].bytes)
		near.before = &moves[low - 1];
	return near;
}

/*
 * Where a fixup is now; 0: nowhere. `insn` is the stretch of the instruction, or NULL. A label at
 * the end of a version stands where in the section of versions the next one begins: of the two, the
 * one in the instruction's own stretch is meant, else in its unit, else the one that lives.
 */
static u64 place_of_fixup(const struct text_move *moves, size_t n, const struct text_move *insn,
			  u64 fixup)
{
	struct near near = near_of(moves, n, fixup);
	u64 start = near.at && near.at->from == fixup ? near.at->entry : 0;
	u64 end = near.before && near.before->to ? near.before->to + near.before->bytes : 0;

	bool ours = end && insn && insn->unit == near.before->unit;

	if (!near.at)
		return ours ? end : fixup;
	if (near.at->from != fixup)
		return near.at->to ? near.at->to + (fixup - near.at->from) : 0;
	if (ours && (near.before == insn || near.at->unit != insn->unit))
		return end;
	return start ? start : end;
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
	const struct text_move *move = near_of(moves, nr_moves, insn).at;

	if (from->type < 0 || from->type >= NR_EXTABLE_TYPES)
		return refuse(problem, insn, "the entry is of an unknown type", -EINVAL);
	if (move && !move->to) {
		counts->dropped++;
		return 0;
	}
	fixup = place_of_fixup(moves, nr_moves, move, fixup);
	if (!fixup)
		return refuse(problem, insn, "its fixup is code that is no longer there", -EINVAL);
	counts->entries++;
	if (move) {
		counts->moved++;
		insn = move->to + (insn - move->from);
	}
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
