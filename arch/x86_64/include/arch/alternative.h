/* SPDX-License-Identifier: MIT */
/*
 * Alternatives: code that is chosen by CPU feature at boot. The record both languages emit
 * (NASM: asm/alternative.inc), and C's notation. docs/alternatives.md shows both.
 */
#pragma once

#include <arch/feature.h>
#include <quench/types.h>

/* How a record's terms combine. A record with no term is always true. */
enum alt_op { ALT_ALL_OF, ALT_ANY_OF };
/* What a record describes: replacement code, or an immediate that takes a runtime constant. */
enum alt_kind { ALT_CODE, ALT_CONSTANT };

#define ALT_MAX_TERMS 4
#define ALT_NOT	      0x8000 /* in a term: the feature must be absent */

/*
 * One version of one site. Records of a site stand together, in the order of the source; the
 * last whose condition holds wins; none: the default code stays. A site inside another site or
 * inside a replacement is nested: its records stand directly before those of the outer one.
 */
struct alt_entry {
	s32 site;	 /* self-relative: &entry->site + site is the address */
	s32 replacement; /* self-relative likewise; ALT_CONSTANT: enum alt_constant */
	u8 site_bytes;
	u8 replacement_bytes;
	u8 default_bytes; /* what follows these in the site is padding */
	u8 kind_op;	  /* kind << 4 | op */
	u16 terms[ALT_MAX_TERMS];
	u16 nr_terms;
	u16 reserved;
};
_Static_assert(sizeof(struct alt_entry) == 24, "asm/alternative.inc emits 24 bytes");

static inline u8 *alt_site_of(const struct alt_entry *entry)
{
	return (u8 *)(uintptr_t)((uintptr_t)&entry->site + (intptr_t)entry->site);
}
static inline u8 *alt_replacement_of(const struct alt_entry *entry)
{
	return (u8 *)(uintptr_t)((uintptr_t)&entry->replacement + (intptr_t)entry->replacement);
}
