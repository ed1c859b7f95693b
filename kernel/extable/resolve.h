/* SPDX-License-Identifier: MIT */
/*
 * The exception table as a data structure: made to follow patched code, sorted, checked, searched.
 * All in place, in any table of struct extable_entry. PURE. docs/extable.md.
 */
#pragma once

#include <arch/extable.h>
#include <quench/text_move.h>
#include <quench/types.h>

struct extable_counts {
	size_t entries; /* that remain */
	size_t moved;   /* of these, with code that went to another place */
	size_t dropped; /* gone with code that is no longer there */
};

/* Why a table was refused: the address of the instruction in question, and a phrase. */
struct extable_problem {
	u64 insn;
	const char *why;
};

/*
 * Lets n entries follow the code as moves[] say (sorted by `from`, without overlap), drops those
 * whose instruction is gone, sorts the rest by instruction and fills what is left of the table
 * with zeros. 0; -EINVAL for two entries of one instruction, an unknown type or a fixup that is
 * gone while its instruction is not; -ERANGE when an address is out of reach of some entry of the
 * table. On an error the table is of no use any more. O(n log nr_moves), and linear for entries in
 * the order of the code; no recursion.
 */
int extable_resolve(struct extable_entry *table, size_t n, const struct text_move *moves,
		    size_t nr_moves, struct extable_counts *counts,
		    struct extable_problem *problem);

/* Whether n entries are sorted, unique, of known types, and point into [start, stop). */
bool extable_table_is_sound(const struct extable_entry *table, size_t n, u64 start, u64 stop);

/* The entry of a sorted table for the instruction at `address`, or NULL. Looks at no more than
 * ceil(log2 n) + 1 entries. */
const struct extable_entry *extable_search(const struct extable_entry *table, size_t n,
					   u64 address);
