/* SPDX-License-Identifier: MIT */
/* What becomes of code that does not stay where it was linked. PURE and __early. */
#pragma once

#include <kernel/alternatives/block.h>

struct alt_moves {
	struct text_move *moves;
	size_t nr, max;
	u32 unit; /* of the block at hand */
};

/* After each step of a block: the stretches of the site entered. 0, or -ENOSPC. */
int alt_moves_add(struct alt_moves *moves, struct alt_block *block);

/* Sorts, and leaves out what stays where it is. NULL, or an address in two stretches at once:
 * then two sites or two versions overlap. */
const u8 *alt_moves_finish(struct alt_moves *moves);
