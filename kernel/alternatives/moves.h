/* SPDX-License-Identifier: MIT */
/* What becomes of code that does not stay where it was linked. PURE. */
#pragma once

#include <kernel/alternatives/block.h>

/* Stretches of text grow from the start of the room, those of versions from its end: code comes in
 * order in both, so that little is left to sort. */
struct alt_moves {
	struct text_move *moves;
	size_t max;
	struct alt_range versions;
	size_t nr;          /* from the start; of all, once finished */
	size_t nr_versions; /* from the end */
	u32 unit;           /* of the block at hand */
};

/* After each step of a block: the stretches of the site entered. 0, or -ENOSPC. */
int alt_moves_add(struct alt_moves *moves, struct alt_block *block);

/* Sorts, and leaves out what stays where it is. NULL, or an address in two stretches at once:
 * then two sites or two versions overlap. */
const u8 *alt_moves_finish(struct alt_moves *moves);
