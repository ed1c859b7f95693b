/* SPDX-License-Identifier: MIT */
/*
 * A block: an outermost site with all sites nested in it, whose bytes are made in one piece. PURE.
 */
#pragma once

#include <kernel/alternatives/plan.h>

#define ALT_SITE_MAX_BYTES 255

/* One site of the block and what became of it. */
struct alt_frame {
	const struct alt_entry *first; /* its nr records */
	size_t nr;
	const struct alt_entry *winner; /* NULL: the default */
	const u8 *site;                 /* where it was linked */
	const u8 *code;                 /* the code chosen, where it was linked */
	size_t code_bytes;
	u8 at; /* where the site ends up, from the start of the block */
	bool gone;
	/* The nested site entered last: where it starts, and in which code: 0 is the default, n the
	 * n-th version. What follows in the walk stands before it. */
	const u8 *nested;
	size_t nested_in;
	int piece; /* for moves.c */
};

/* frames[0..depth] are the site entered last and those around it, the outermost first. */
struct alt_block {
	const struct alt_image *image;
	const struct alt_entry *first, *stop; /* its records; the outermost site's are the last, */
	const struct alt_entry *outermost;    /* from here on */
	struct alt_frame frames[ALT_MAX_DEPTH + 1];
	unsigned depth;
	unsigned nr_sites; /* for plan.c */
	const char *why;   /* an error, in words */
	u8 *bytes;         /* what the outermost site gets */
	u8 own_bytes[ALT_SITE_MAX_BYTES];
};

/* Where the block's outermost site stands. */
static inline u8 *alt_block_address(const struct alt_block *block)
{
	return alt_site_of(block->outermost);
}

/* Makes *block the one that starts at record `first`: 0, or -EINVAL. */
int alt_block_begin(struct alt_block *block, const struct alt_image *image,
		    const struct alt_entry *first);

/*
 * Goes back from the last record to the first, so outer sites come before inner ones and the later
 * sibling before the earlier. Each step enters one site: false when there is none left, or
 * when there is an error, which then stands in *error, described by block->why.
 */
bool alt_block_step(struct alt_block *block, const struct alt_entry **at, int *error);

/* After each step: puts the bytes of the site entered into block->bytes. 0, -EINVAL or -ERANGE
 * with block->why. Once all steps are done, bytes[] is what the outermost site gets. */
int alt_block_place(struct alt_block *block);
