/* SPDX-License-Identifier: MIT */
/* What one record says by itself. PURE. */
#pragma once

#include <kernel/alternatives/plan.h>

static inline enum alt_kind alt_kind_of(const struct alt_entry *entry)
{
	return entry->kind_op >> 4;
}

static inline enum alt_op alt_op_of(const struct alt_entry *entry)
{
	return entry->kind_op & 15;
}

/* Whether [at, at+bytes) lies in the range, whatever the values. */
static inline bool alt_within(const u8 *at, size_t bytes, const u8 *start, size_t range_bytes)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)start;

	return offset <= range_bytes && bytes <= range_bytes - offset;
}

/* Whether both records belong to the same site. */
static inline bool alt_same_site(const struct alt_entry *a, const struct alt_entry *b)
{
	return alt_site_of(a) == alt_site_of(b) && a->site_bytes == b->site_bytes &&
	       a->default_bytes == b->default_bytes && a->depth == b->depth &&
	       alt_kind_of(a) == ALT_CODE && alt_kind_of(b) == ALT_CODE;
}

/* Whether the record's condition is true. */
static inline bool alt_holds(const struct alt_entry *entry, const struct feature_set *features)
{
	bool any = alt_op_of(entry) == ALT_ANY_OF && entry->nr_terms;

	for (unsigned i = 0; i < entry->nr_terms; i++) {
		bool absent = entry->terms[i] & ALT_NOT;
		unsigned feature = entry->terms[i] & ~(unsigned)ALT_NOT;

		if ((feature_test(features, feature) != absent) == any)
			return any;
	}
	return !any;
}

/* NULL, or what is wrong with the record, looked at without any other. */
const char *alt_record_defect(const struct alt_image *image, const struct alt_entry *entry);

/*
 * Writes the condition as in the source, "SMAP", "not ERMS", "all_of(A, not B)", or "always"; for
 * a runtime constant "constant NAME". Terminates `out`, cuts what does not fit.
 */
void alt_condition_text(char *out, size_t size, const struct alt_entry *entry);
#define ALT_CONDITION_TEXT_BYTES 128
