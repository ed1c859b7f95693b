/* SPDX-License-Identifier: MIT */
/* What becomes of code that does not stay where it was linked. PURE. */
#pragma once

#include <kernel/alternatives/block.h>

/*
 * Code comes in order, but from three places in turn: text, versions, and the versions of nested
 * sites. Each has a part of the room, so that little is left to sort: text from the start, versions
 * downwards, and at the very end nested ones, of which there is at most one for each nested record.
 */
struct alt_moves {
	struct text_move *moves;
	size_t max;
	struct alt_range versions;
	size_t nr; /* of text; of all, once finished */
	size_t nr_versions;
	size_t nr_nested, max_nested;
	u32 unit; /* of the block at hand */
};

/* After each step of a block: the stretches of the site entered. 0, or -ENOSPC. */
int alt_moves_add(struct alt_moves *moves, struct alt_block *block);

/* Sorts, and leaves out what stays where it is. NULL, or an address in two stretches at once:
 * then two sites or two versions overlap. */
const u8 *alt_moves_finish(struct alt_moves *moves);
