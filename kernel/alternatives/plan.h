/* SPDX-License-Identifier: MIT */
/*
 * What patching will do: records, features and constants in, the final bytes of every site out.
 * Changes nothing itself. PURE and __early. docs/alternatives.md has the rules.
 */
#pragma once

#include <arch/alternative.h>
#include <quench/text_move.h>
#include <quench/types.h>

/* A stretch of the image, [start, stop). */
struct alt_range {
	const u8 *start, *stop;
};

/*
 * The records and what they may touch. Records and image are read where they stand and must lie
 * relative to each other as they will run; the text is as it was linked, nothing patched yet.
 */
struct alt_image {
	const struct alt_entry *entries;
	size_t nr_entries;
	struct alt_range text;
	struct alt_range early; /* within text: the patcher's own code */
	struct alt_range replacements;
	const struct feature_set *features;
	const u64 *constants; /* NR_ALT_CONSTANTS values */
};

/* Why a plan was refused. `why` is a phrase to go after the site's name. */
struct alt_problem {
	const struct alt_entry *entry; /* the record at fault; NULL: no single one */
	const char *why;
};

/* One site of the plan, seen by a visitor. */
struct alt_site {
	const struct alt_entry *entry;  /* its first record */
	const struct alt_entry *winner; /* the version chosen; NULL: the default code stays */
	u8 *address;                    /* where it ends up; gone: where it stood */
	const u8 *before; /* the default code with its padding, as linked: `bytes` of it */
	const u8 *after;  /* what stands at `address` afterwards; NULL: gone */
	u8 bytes;
	u8 depth;  /* 0: to be written; deeper: part of what was written for the site around it */
	bool gone; /* the code it was part of lost */
};

/* Called for each site; anything but 0 ends the walk and is returned. */
typedef int (*alt_visit_fn)(void *context, const struct alt_site *site);

/* Room alt_plan_check needs for n records, in moves. */
static inline size_t alt_plan_max_moves(size_t n)
{
	return 3 * n;
}

/*
 * Refuses a bad table as a whole: -EINVAL, or -ERANGE where code or a constant cannot be made to
 * fit, with *problem. Otherwise 0, and *nr_moves of moves[] say what becomes of all code that
 * does not stay where it is: sorted by `from`, without overlap. -ENOSPC when max_moves is too
 * small. O(n log n) in the number of records.
 */
int alt_plan_check(const struct alt_image *image, struct text_move *moves, size_t max_moves,
		   size_t *nr_moves, struct alt_problem *problem);

/*
 * Visits every site of a table that alt_plan_check accepted, in the order of the records, but an
 * outer site before the sites nested in it. The visitor may write the site it is shown at depth
 * 0; nothing is read of it afterwards. Linear in the number of records.
 */
int alt_plan_visit(const struct alt_image *image, alt_visit_fn visit, void *context,
		   struct alt_problem *problem);

/* The values of all runtime constants, by enum alt_constant: the kernel's own and a prediction's. */
void alt_constants(u64 values[NR_ALT_CONSTANTS]);
