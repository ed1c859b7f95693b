/* SPDX-License-Identifier: MIT */
/* Entries follow their code, then stand in order. PURE. */
#include <asm/errno.h>
#include <kernel/extable/resolve.h>
#include <kernel/lib/sort.h>

/*
 * Where in a table of moves addresses have led. Code, and with it entries and fixups, comes in
 * order, but from two places in turn: text and the section of versions. So the two gaps between
 * stretches found last are the best guess; gap i has the first i stretches before it.
 */
struct trail {
	const struct text_move *moves;
	size_t n;
	size_t gap[2];
	u64 quiet, quiet_bytes; /* addresses on which no stretch bears, found last */
};

#define TRAIL_STEPS 8 /* that are cheaper than a search */

/* Whether a few steps on from *gap, or none, is the gap whose stretches before it are those that
 * start at or before the address. */
static inline bool step_to(const struct trail *trail, size_t *gap, u64 address)
{
	const struct text_move *moves = trail->moves;
	size_t at = *gap, stop = trail->n - at > TRAIL_STEPS ? at + TRAIL_STEPS : trail->n;

	if (at && moves[at - 1].from > address)
		return false;
	while (at < stop && moves[at].from <= address)
		at++;
	if (at < trail->n && moves[at].from <= address)
		return false;
	*gap = at;
	return true;
}

static size_t search_gap(const struct trail *trail, u64 address)
{
	size_t low = 0, high = trail->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (trail->moves[middle].from <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static inline size_t gap_of(struct trail *trail, u64 address)
{
	size_t other = trail->gap[1];

	if (step_to(trail, &trail->gap[0], address))
		return trail->gap[0];
	if (!step_to(trail, &other, address))
		other = search_gap(trail, address);
	trail->gap[1] = trail->gap[0];
	trail->gap[0] = other;
	return other;
}

/* The stretches that bear on an address. */
struct near {
	const struct text_move *at;     /* holds it, or NULL: then it stayed where it is */
	const struct text_move *before; /* ends right before it, or NULL */
};

static inline bool is_quiet(const struct trail *trail, u64 address)
{
	return address - trail->quiet < trail->quiet_bytes;
}

/* Nothing bears on what lies between the stretch before the gap and the one behind. */
static void be_quiet(struct trail *trail, size_t gap)
{
	const struct text_move *moves = trail->moves;

	trail->quiet = gap ? moves[gap - 1].from + moves[gap - 1].bytes + 1 : 0;
	trail->quiet_bytes = (gap < trail->n ? moves[gap].from : UINT64_MAX) - trail->quiet;
}

static struct near near_of(struct trail *trail, u64 address)
{
	const struct text_move *moves = trail->moves;
	struct near near = { NULL, NULL };
	size_t low;

	if (is_quiet(trail, address))
		return near;
	low = gap_of(trail, address);
	if (low && address - moves[low - 1].from < moves[low - 1].bytes)
		near.at = &moves[--low];
	if (low && address - moves[low - 1].from == moves[low - 1].bytes)
		near.before = &moves[low - 1];
	if (!near.at && !near.before)
		be_quiet(trail, low);
	return near;
}

/*
 * Where a fixup is now; 0: nowhere. `insn` is the stretch of the instruction, or NULL. A label at
 * the end of a version stands where in the section of versions the next one begins: of the two, the
 * one in the instruction's own stretch is meant, else in its unit, else the one that lives.
 */
static inline u64 place_of_fixup(struct trail *trail, const struct text_move *insn, u64 fixup)
{
	struct near near = near_of(trail, fixup);
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

/* The work at hand. While it lasts, entries that have been seen to point from the start of the
 * table, so that they can be moved about as they are. */
struct work {
	struct extable_entry *table, *end; /* the entries kept so far */
	s64 low;  /* from the table: the first address that all its entries can point to, */
	u64 span; /* and from there to the last */
	struct trail insns, fixups;
	struct extable_counts *counts;
	struct extable_problem *problem;
};

static int refuse(const struct work *work, u64 insn, const char *why, int error)
{
	*work->problem = (struct extable_problem){ insn, why };
	return error;
}

/* Whether an entry anywhere in the table can point there. */
static inline bool is_within(const struct work *work, s64 from_table)
{
	return (u64)(from_table - work->low) <= work->span;
}

/* Appends an entry. */
static inline int put(struct work *work, u64 insn, u64 fixup, s32 type)
{
	s64 to_insn = (s64)(insn - (uintptr_t)work->table);
	s64 to_fixup = (s64)(fixup - (uintptr_t)work->table);
	struct extable_entry *entry = work->end++;

	if (!is_within(work, to_insn) || !is_within(work, to_fixup))
		return refuse(work, insn, "it is too far from the table", -ERANGE);
	entry->insn = (s32)to_insn;
	entry->fixup = (s32)to_fixup;
	entry->type = type;
	return 0;
}

/* One entry to its place in the table, or nowhere. */
static inline int follow(struct work *work, const struct extable_entry *from)
{
	u64 insn = extable_insn_of(from), fixup = extable_fixup_of(from);
	const struct text_move *move;

	if ((u32)from->type >= NR_EXTABLE_TYPES)
		return refuse(work, insn, "the entry is of an unknown type", -EINVAL);
	if (is_quiet(&work->insns, insn) && is_quiet(&work->fixups, fixup))
		return put(work, insn, fixup, from->type);
	move = near_of(&work->insns, insn).at;
	if (move && !move->to) {
		work->counts->dropped++;
		return 0;
	}
	fixup = place_of_fixup(&work->fixups, move, fixup);
	if (!fixup)
		return refuse(work, insn, "its fixup is code that is no longer there", -EINVAL);
	if (move) {
		work->counts->moved++;
		insn = move->to + (insn - move->from);
	}
	return put(work, insn, fixup, from->type);
}

static u64 key(const void *item)
{
	const struct extable_entry *entry = item;

	return (u64)((s64)entry->insn - INT32_MIN);
}

/* Entries that point from the start of the table point from themselves again. */
static int settle(const struct work *work)
{
	s64 distance = 0, last = INT64_MIN;

	for (struct extable_entry *entry = work->table; entry < work->end; entry++) {
		s64 insn = entry->insn - distance;
		s64 fixup = entry->fixup - distance - (s64)offsetof(struct extable_entry, fixup);

		if (entry->insn == last)
			return refuse(work, (uintptr_t)entry + (u64)insn,
				      "two entries are for the same instruction", -EINVAL);
		last = entry->insn;
		entry->insn = (s32)insn;
		entry->fixup = (s32)fixup;
		distance += (s64)sizeof(*entry);
	}
	return 0;
}

int extable_resolve(struct extable_entry *table, size_t n, const struct text_move *moves,
		    size_t nr_moves, struct extable_counts *counts, struct extable_problem *problem)
{
	static const struct sort_kind by_insn = { sizeof(*table), key };
	const struct trail trail = { .moves = moves, .n = nr_moves };
	const s64 bytes = (s64)(n * sizeof(*table));
	struct work work = { .table = table,
			     .end = table,
			     .low = INT32_MIN + bytes,
			     .span = (u64)((s64)INT32_MAX - INT32_MIN - bytes),
			     .insns = trail,
			     .fixups = trail,
			     .counts = counts,
			     .problem = problem };
	int error;

	*counts = (struct extable_counts){ 0 };
	for (size_t i = 0; i < n; i++) {
		error = follow(&work, &table[i]);
		if (error)
			return error;
	}
	counts->entries = (size_t)(work.end - table);
	sort_table(&by_insn, table, counts->entries);
	error = settle(&work);
	for (size_t i = counts->entries; i < n && !error; i++)
		table[i] = (struct extable_entry){ 0 };
	return error;
}

static bool before(const struct extable_entry *a, const struct extable_entry *b)
{
	return extable_insn_of(a) < extable_insn_of(b);
}

bool extable_table_is_sound(const struct extable_entry *table, size_t n, u64 start, u64 stop)
{
	for (size_t i = 0; i < n; i++) {
		u64 insn = extable_insn_of(&table[i]), fixup = extable_fixup_of(&table[i]);

		if (insn < start || insn >= stop || fixup < start || fixup >= stop)
			return false;
		if (table[i].type < 0 || table[i].type >= NR_EXTABLE_TYPES)
			return false;
		if (i && !before(&table[i - 1], &table[i]))
			return false;
	}
	return true;
}
