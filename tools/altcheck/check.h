/* SPDX-License-Identifier: MIT */
/* What all rules look at: the tables, the nesting of sites, and every instruction, decoded. */
#pragma once

#include "decode.h"
#include "image.h"
#include "report.h"

#include <arch/alternative.h>
#include <arch/extable.h>

struct record {
	u64 at;      /* where it stands in the table */
	u64 site;    /* addresses */
	u64 version; /* of its code; 0 for a constant */
	struct alt_entry raw;
	u32 site_index;
	bool bad; /* reported already: the rules after that leave its site alone */
};

/*
 * Stretches of code that come and go together: a whole site, its default code, a version. They
 * form a forest: sites lie in text, in default code or in versions.
 */
enum extent_kind { EXTENT_SITE, EXTENT_DEFAULT, EXTENT_VERSION };
#define NO_EXTENT (-1)

struct extent {
	u64 start, end;
	enum extent_kind kind;
	u32 site;   /* index into sites */
	u32 record; /* EXTENT_VERSION: index into records */
	int parent; /* the innermost extent around it by address, or NO_EXTENT */
};

/* A site and its records, which stand together in the table. */
struct site {
	u64 address;
	u64 root; /* the place in text where this ends up: itself, or within the outermost site */
	u32 first, count; /* of its records */
	u8 bytes, default_bytes;
	u8 depth; /* 1: within no other */
	bool constant;
	bool bad;
	bool opens, closes; /* stac, or clac, is among its versions */
	int extent, default_extent;
};

struct entry {
	u64 at;
	u64 insn, fixup;
	s32 type;
};

struct function {
	u64 start, end;
	const char *name;
};

struct check {
	struct image image;
	struct record *records;
	size_t nr_records;
	struct site *sites; /* in the order of the table */
	size_t nr_sites;
	struct site **by_address; /* sites that are not bad, by address */
	struct site **by_root;    /* the same by root */
	size_t nr_good_sites;
	struct extent *extents; /* by start, the outer first */
	size_t nr_extents;
	struct entry *entries; /* by instruction */
	size_t nr_entries;
	struct function *functions; /* by address, gaps between symbols included: all of text */
	size_t nr_functions;
	struct insn *code; /* of text and versions, by address */
	size_t nr_code, room_for_code;
	size_t nr_combinations; /* tried, for the summary */
};

/* tables.c: the records and entries as they stand, grouped into sites; rule `image`. */
bool tables_read(struct check *check);
/* rule_records.c: what can be said of a record alone. Marks the bad ones. */
void check_records(struct check *check);
/* rule_records.c: whether each version of a site can win. */
void check_conditions(const struct check *check);
/* extents.c: how sites nest. Marks those that do not as bad. */
bool extents_build(struct check *check);
/* code.c: decodes text by function, and every version. */
bool code_read(struct check *check);
void check_sites(const struct check *check);     /* rule_sites.c: boundaries, padding, moving */
void check_constants(const struct check *check); /* rule_sites.c */
void check_prefixes(const struct check *check);  /* rule_sites.c */
void check_branches(const struct check *check);  /* rule_branch.c */
void check_early(const struct check *check);     /* rule_early.c */
void check_extable(const struct check *check);   /* rule_extable.c */
void check_functions(struct check *check);       /* rule_flow.c: AC, DF and user accesses */

/* extents.c */

/* The innermost extent around `address`, or NO_EXTENT. */
int extent_of(const struct check *check, u64 address);
/* The extent whose presence `extent` depends on, beyond itself: a version stands in for its site,
 * so what lies around the site; NO_EXTENT: it is there always. */
int extent_outside(const struct check *check, int extent);
/* Whether code at `address` is present whenever code at `from` is, and in one piece with it:
 * whether `from` may go on there. The start of a site is, seen from around it. */
bool extent_reaches(const struct check *check, u64 from, u64 address);
/* The version or default code around `from` that ends right before `address`: whatever follows the
 * site is where that goes on. NO_EXTENT: there is none. */
int extent_own_end(const struct check *check, u64 from, u64 address);
/* Where the code at `address` runs when its versions win. */
u64 extent_final(const struct check *check, u64 address);
/* The version whose code `address` is, or NULL for text and default code of text. */
const struct extent *extent_version(const struct check *check, u64 address);

/* code.c */

/* The instruction that starts at `address`, or NULL; likewise the first at or after it. */
const struct insn *code_at(const struct check *check, u64 address);
size_t code_from(const struct check *check, u64 address);
/* The function around an address of text, or NULL. */
const struct function *code_function(const struct check *check, u64 address);
/* The first entry for an instruction at or after `address`. */
size_t entry_from(const struct check *check, u64 address);
/* The sites that end up in [start, end), as a stretch of by_root. */
size_t sites_from(const struct check *check, u64 address);

/* report.c: "symbol+0x1", for code of a version "symbol+0x1 version 2 (SMAP) +0x0". */
void place_name(const struct check *check, u64 address, char *out, size_t size);
/* "SMAP", "all_of(FSRM, not ERMS)", "always". */
void condition_name(const struct alt_entry *record, char *out, size_t size);
const char *name_of_feature(unsigned feature);
