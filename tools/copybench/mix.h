/* SPDX-License-Identifier: MIT */
/* Random mixes of copies: sizes by distribution, in an order no branch predictor can learn. */
#pragma once

#include <quench/types.h>

/* Copies in one pass over a mix: more than any predictor holds. */
#define MIX_ENTRIES 8192
/* Where the copies of a mix start: inside so many bytes on either side, which the first cache
 * holds; a copy may end beyond. */
#define MIX_ARENA_BYTES 8192

struct mix {
	const char *name;
	const char *text; /* for people */
	u32 (*draw)(u64 *random_state);
};
extern const struct mix mixes[];
extern const size_t nr_mixes;

struct mix_entry {
	u32 bytes, to, from; /* offsets into the arenas */
};

/* Draws MIX_ENTRIES sizes and places, sorted by size. Returns the sum of the sizes. */
u64 mix_fill(const struct mix *mix, struct mix_entry *entries, u64 *random_state);
/* Puts them into a new random order. */
void mix_shuffle(struct mix_entry *entries, u64 *random_state);
