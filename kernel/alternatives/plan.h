/* SPDX-License-Identifier: MIT */
/*
 * What patching will do: records, features and constants in, the final bytes of every site out.
 * Changes nothing itself. PURE. docs/alternatives.md has the rules.
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

/* The plan of a whole table, in room that is the caller's. */
struct alt_plan {
	/* What becomes of all code that does not stay where it is: sorted by `from`, without
	 * overlap. */
	struct text_move *moves;
	size_t max_moves, nr_moves;
	/* The final bytes of every outermost site, one after another in the order of the records;
	 * NULL: not wanted. */
	u8 *bytes;
	size_t max_bytes, nr_bytes;
	size_t nr_sites; /* nested ones, too */
};

/* Room that is enough for n records, in moves and in bytes. */
static inline size_t alt_plan_max_moves(size_t n)
{
	return 3 * n;
}
size_t alt_plan_max_bytes(const struct alt_entry *entries, size_t n);

/*
 * Makes the plan: 0 and the rest of *plan. Refuses a bad table as a whole: -EINVAL, or -ERANGE
 * where code or a constant cannot be made to fit, with *problem. -ENOSPC when there is too little
 * room. Linear in the number of records when they are in the order of the code, as a linker leaves
 * them; never worse than O(n log n).
 */
int alt_plan_make(const struct alt_image *image, struct alt_plan *plan,
		  struct alt_problem *problem);

/* The same for who wants to know the verdict and the moves alone. */
int alt_plan_check(const struct alt_image *image, struct text_move *moves, size_t max_moves,
		   size_t *nr_moves, struct alt_problem *problem);

/*
 * Carries out a plan: hands `write` each outermost site whose bytes differ, once, and returns how
 * many those are. Linear; reads nothing but the records, the plan and the bytes it compares.
 * __early: it runs while the text around it changes.
 */
typedef void (*alt_write_fn)(void *site, const u8 *bytes, size_t n);
size_t alt_plan_write(const struct alt_image *image, const struct alt_plan *plan,
		      alt_write_fn write);

/*
 * Visits every site of a table that was accepted, in the order of the records, but an outer site
 * before the sites nested in it. The visitor may write the site it is shown at depth 0; nothing is
 * read of it afterwards. Linear in the number of records.
 */
int alt_plan_visit(const struct alt_image *image, alt_visit_fn visit, void *context,
		   struct alt_problem *problem);
