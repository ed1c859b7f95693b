/* SPDX-License-Identifier: MIT */
/* Any moves and any entries: refused, or resolved into a sorted table that holds what is left, and
 * that the index finds as bisection does. */
#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>
#include <quench/compiler.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

static void check(bool holds)
{
	if (!holds)
		abort();
}

#define MAX_MOVES   16
#define MAX_ENTRIES 64
#define TEXT_BYTES  0x10000
/* All code lies in 64 KiB near the table, at addresses the input chooses. */
static struct extable_entry table[MAX_ENTRIES];
static u64 kept_insn[MAX_ENTRIES], kept_fixup[MAX_ENTRIES];

static u16 word(const u8 *data, size_t i)
{
	return (u16)(data[2 * i] | data[2 * i + 1] << 8);
}

static size_t make_moves(struct text_move *moves, const u8 *data, u64 text)
{
	u64 from = text;
	size_t n = 0;

	for (; n < MAX_MOVES && data[4 * n]; n++) {
		const u8 *move = data + 4 * n;

		from += move[1]; /* 0: right behind the one before */
		moves[n].from = from;
		moves[n].bytes = move[0];
		moves[n].to = move[2] ? text + 0x8000 + 64u * move[2] : 0;
		moves[n].entry = moves[n].to ? moves[n].to : move[3] & 1 ? from : 0;
		moves[n].unit = move[3] >> 1;
		from += move[0];
	}
	return n;
}

/* The stretch that holds an address, and the one that ends right before it; NULL when none does. */
static const struct text_move *holder(const struct text_move *moves, size_t n, u64 address)
{
	for (size_t i = 0; i < n; i++)
		if (address >= moves[i].from && address < moves[i].from + moves[i].bytes)
			return &moves[i];
	return NULL;
}

static const struct text_move *ender(const struct text_move *moves, size_t n, u64 address)
{
	for (size_t i = 0; i < n; i++)
		if (address == moves[i].from + moves[i].bytes)
			return &moves[i];
	return NULL;
}

/* Where an instruction has gone, the slow way; 0: nowhere. */
static u64 follow(const struct text_move *moves, size_t n, u64 address)
{
	const struct text_move *move = holder(moves, n, address);

	if (!move)
		return address;
	return move->to ? move->to + (address - move->from) : 0;
}

/* Where a fixup has gone, as <quench/text_move.h> has it: within a stretch, with it; at the border
 * of two, who is meant depends on whose the instruction is. */
static u64 follow_fixup(const struct text_move *moves, size_t n, u64 address, u64 insn)
{
	const struct text_move *own = holder(moves, n, insn), *at = holder(moves, n, address);
	const struct text_move *before = ender(moves, n, address);
	u64 end = before && before->to ? before->to + before->bytes : 0;
	bool ours = end && own && own->unit == before->unit;

	if (at && address != at->from)
		return follow(moves, n, address);
	if (!at)
		return ours ? end : address;
	if (ours && before == own)
		return end;
	if (ours && at->unit != own->unit)
		return end;
	return at->entry ? at->entry : end;
}

/* Whether the entries must be accepted: no live one without a place to go, no two for one place. */
static bool acceptable(const struct text_move *moves, size_t nr_moves, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u64 insn = follow(moves, nr_moves, kept_insn[i]);

		if (insn && !follow_fixup(moves, nr_moves, kept_fixup[i], kept_insn[i]))
			return false;
		for (size_t k = 0; insn && k < i; k++)
			if (insn == follow(moves, nr_moves, kept_insn[k]))
				return false;
	}
	return true;
}

/* Every entry that was given is there as it should be, or gone with its code; and nothing else. */
static void check_entries(const struct text_move *moves, size_t nr_moves, size_t n,
			  const struct extable_counts *counts)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		u64 insn = follow(moves, nr_moves, kept_insn[i]);
		const struct extable_entry *entry =
			insn ? extable_search(table, counts->entries, insn) : NULL;

		if (!insn)
			continue;
		left++;
		check(entry && entry->type == (s32)(i % NR_EXTABLE_TYPES));
		check(extable_fixup_of(entry) ==
		      follow_fixup(moves, nr_moves, kept_fixup[i], kept_insn[i]));
	}
	check(left == counts->entries && left + counts->dropped == n);
}

/* The index keeps to its room, and answers as the search over the whole table does: for each entry
 * and the address behind it. */
static void check_index(size_t n, u64 text)
{
	static u32 words[4 * MAX_ENTRIES + 2 * (TEXT_BYTES / EXTABLE_PLOT_BYTES + 1) + 2];
	size_t room = extable_index_room(n, TEXT_BYTES);
	struct extable_index index;

	check(room < ARRAY_SIZE(words));
	words[room] = 0x5a5a;
	extable_index_build(&index, table, n, text, text + TEXT_BYTES, words);
	check(words[room] == 0x5a5a);
	for (size_t i = 0; i < n; i++) {
		u64 insn = extable_insn_of(&table[i]);

		check(extable_index_search(&index, insn) == &table[i]);
		check(extable_index_search(&index, insn + 1) == extable_search(table, n, insn + 1));
	}
}

static void make_entries(const u8 *data, size_t n, u64 text)
{
	for (size_t i = 0; i < n; i++) {
		kept_insn[i] = text + word(data, 2 * i) % 0x4000;
		kept_fixup[i] = text + word(data, 2 * i + 1) % 0x4000;
		table[i].insn = (s32)(kept_insn[i] - (uintptr_t)&table[i].insn);
		table[i].fixup = (s32)(kept_fixup[i] - (uintptr_t)&table[i].fixup);
		table[i].type = (s32)(i % NR_EXTABLE_TYPES);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	const u64 text = (uintptr_t)table + TEXT_BYTES;
	struct text_move moves[MAX_MOVES] = { 0 };
	struct extable_counts counts;
	struct extable_problem problem;
	size_t nr_moves, n;

	if (bytes < 4 * MAX_MOVES)
		return 0;
	nr_moves = make_moves(moves, data, text);
	n = (bytes - 4 * MAX_MOVES) / 4;
	if (n > MAX_ENTRIES)
		n = MAX_ENTRIES;
	make_entries(data + 4 * MAX_MOVES, n, text);
	if (extable_resolve(table, n, moves, nr_moves, &counts, &problem)) {
		check(!acceptable(moves, nr_moves, n));
		return 0;
	}
	check(acceptable(moves, nr_moves, n));
	check(extable_table_is_sound(table, counts.entries, text, text + TEXT_BYTES));
	check_entries(moves, nr_moves, n, &counts);
	check_index(counts.entries, text);
	return 0;
}
