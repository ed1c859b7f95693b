/* SPDX-License-Identifier: MIT */
/* Any moves and any entries: refused, or resolved into a sorted table that holds what is left. */
#include <kernel/extable/resolve.h>
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

/* Where an instruction has gone, the slow way. */
static u64 follow(const struct text_move *moves, size_t n, u64 address)
{
	for (size_t i = 0; i < n; i++)
		if (address >= moves[i].from && address < moves[i].from + moves[i].bytes)
			return moves[i].to ? moves[i].to + (address - moves[i].from) : 0;
	return address;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	const u64 text = (uintptr_t)table + 0x10000;
	struct text_move moves[MAX_MOVES] = { 0 };
	struct extable_counts counts;
	struct extable_problem problem;
	size_t nr_moves, n, left = 0;

	if (bytes < 4 * MAX_MOVES)
		return 0;
	nr_moves = make_moves(moves, data, text);
	data += 4 * MAX_MOVES;
	n = (bytes - 4 * MAX_MOVES) / 4;
	if (n > MAX_ENTRIES)
		n = MAX_ENTRIES;
	for (size_t i = 0; i < n; i++) {
		kept_insn[i] = text + word(data, 2 * i) % 0x4000;
		kept_fixup[i] = text + word(data, 2 * i + 1) % 0x4000;
		table[i].insn = (s32)(kept_insn[i] - (uintptr_t)&table[i].insn);
		table[i].fixup = (s32)(kept_fixup[i] - (uintptr_t)&table[i].fixup);
		table[i].type = (s32)(i % NR_EXTABLE_TYPES);
	}
	if (extable_resolve(table, n, moves, nr_moves, &counts, &problem))
		return 0;
	check(extable_table_is_sound(table, counts.entries, text, text + 0x10000));
	for (size_t i = 0; i < n; i++) {
		u64 insn = follow(moves, nr_moves, kept_insn[i]);
		const struct extable_entry *entry =
			insn ? extable_search(table, counts.entries, insn) : NULL;

		check(!insn || entry);
		left += insn != 0;
		check(!entry || entry->type == (s32)(i % NR_EXTABLE_TYPES));
	}
	check(left == counts.entries && left + counts.dropped == n);
	return 0;
}
