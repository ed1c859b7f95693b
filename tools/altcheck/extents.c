/* SPDX-License-Identifier: MIT */
/* How sites, default code and versions lie in one another, and what that means for who may reach
 * whom; rule `record-nesting`. PURE but for its messages. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* More than ALT_MAX_DEPTH, so that one too deep is seen; and an end to circles. */
#define MAX_CHAIN (2 * ALT_MAX_DEPTH)

static void add(struct check *check, u64 start, unsigned bytes, enum extent_kind kind, u32 site,
		u32 record)
{
	if (bytes)
		check->extents[check->nr_extents++] = (struct extent){
			.start = start,
			.end = start + bytes,
			.kind = kind,
			.site = site,
			.record = record,
			.parent = NO_EXTENT,
		};
}

static void add_site(struct check *check, u32 index)
{
	struct site *site = &check->sites[index];
	u32 last = site->first + site->count - 1;

	add(check, site->address, site->bytes, EXTENT_SITE, index, last);
	add(check, site->address, site->default_bytes, EXTENT_DEFAULT, index, last);
	for (u32 i = site->first; i <= last && !site->constant; i++)
		add(check, check->records[i].version, check->records[i].raw.replacement_bytes,
		    EXTENT_VERSION, index, i);
}

/* By start; of two that start together the longer, of two alike the one whose records come later:
 * it is the outer one. */
static int outer_first(const void *left, const void *right)
{
	const struct extent *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	if (a->record != b->record)
		return a->record > b->record ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

static void complain(struct check *check, u32 index, const char *what)
{
	struct site *site = &check->sites[index];

	if (site->bad)
		return;
	report(check, RULE_RECORD_NESTING, site->address, "the site %s", what);
	site->bad = true;
}

/* Sets each extent's parent; complains of those that stick out of it. */
static void find_parents(struct check *check)
{
	int top = NO_EXTENT;

	for (size_t i = 0; i < check->nr_extents; i++) {
		struct extent *extent = &check->extents[i];
		struct site *site = &check->sites[extent->site];

		while (top != NO_EXTENT && check->extents[top].end <= extent->start)
			top = check->extents[top].parent;
		extent->parent = top;
		if (top != NO_EXTENT && check->extents[top].end < extent->end)
			complain(check, extent->site,
				 extent->kind == EXTENT_VERSION
					 ? "shares code of a version with another"
					 : "overlaps another site");
		if (extent->kind == EXTENT_SITE)
			site->extent = (int)i;
		if (extent->kind == EXTENT_DEFAULT)
			site->default_extent = (int)i;
		top = (int)i;
	}
}

/* A site among the versions whose version was reported, and left out, goes without a word. */
static bool within_bad_version(const struct check *check, u64 address)
{
	for (size_t i = 0; i < check->nr_records; i++) {
		const struct record *record = &check->records[i];

		if (check->sites[record->site_index].bad && record->version <= address &&
		    address - record->version < record->raw.replacement_bytes)
			return true;
	}
	return false;
}

static bool lies_within(const struct check *check, u32 site, u32 outer)
{
	int extent = check->sites[site].extent;

	for (unsigned i = 0; i < MAX_CHAIN && extent != NO_EXTENT; i++) {
		extent = extent_outside(check, extent);
		if (extent != NO_EXTENT && check->extents[extent].site == outer)
			return true;
	}
	return false;
}

static void check_parent(struct check *check, u32 index)
{
	struct site *site = &check->sites[index];
	int parent = check->extents[site->extent].parent;

	if (parent == NO_EXTENT) {
		if (range_has(&check->image.text, site->address))
			return;
		if (within_bad_version(check, site->address))
			site->bad = true;
		else
			complain(check, index, "stands among the versions, but in none of them");
		return;
	}
	u32 outer = check->extents[parent].site;

	if (check->extents[parent].kind == EXTENT_SITE)
		complain(check, index, "stands in the padding of another");
	else if (index + 1 >= check->nr_sites ||
		 (index + 1 != outer && !lies_within(check, index + 1, outer)))
		complain(check, index,
			 "is nested, but its records do not stand right before the outer one's");
}

static void check_depth(struct check *check, u32 index)
{
	struct site *site = &check->sites[index];
	int extent = site->extent;

	site->depth = 0;
	while (extent != NO_EXTENT && site->depth < MAX_CHAIN) {
		site->depth++;
		extent = extent_outside(check, extent);
	}
	/* A constant is no block: it may stand in the innermost. */
	if (site->depth > ALT_MAX_DEPTH + site->constant)
		complain(check, index, "is nested more than 4 deep");
	else if (check->records[site->first].raw.depth != site->depth - 1)
		complain(check, index, "has another depth than its records say");
}

static void check_version_parents(struct check *check)
{
	for (size_t i = 0; i < check->nr_extents; i++)
		if (check->extents[i].kind == EXTENT_VERSION &&
		    check->extents[i].parent != NO_EXTENT)
			complain(check, check->extents[i].site,
				 "shares code of a version with another");
}

static size_t count_bad(const struct check *check)
{
	size_t n = 0;

	for (size_t i = 0; i < check->nr_sites; i++)
		n += check->sites[i].bad;
	return n;
}

/* One round over the sites that are not bad. */
static void build(struct check *check)
{
	check->nr_extents = 0;
	for (u32 i = 0; i < check->nr_sites; i++)
		if (!check->sites[i].bad)
			add_site(check, i);
	qsort(check->extents, check->nr_extents, sizeof(*check->extents), outer_first);
	find_parents(check);
	check_version_parents(check);
	for (u32 i = 0; i < check->nr_sites; i++)
		if (!check->sites[i].bad)
			check_parent(check, i);
	for (u32 i = 0; i < check->nr_sites; i++)
		if (!check->sites[i].bad)
			check_depth(check, i);
}

static int by_address(const void *left, const void *right)
{
	const struct site *a = *(struct site *const *)left, *b = *(struct site *const *)right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static int by_root(const void *left, const void *right)
{
	const struct site *a = *(struct site *const *)left, *b = *(struct site *const *)right;

	return a->root < b->root ? -1 : a->root > b->root;
}

static bool index_sites(struct check *check)
{
	check->by_address = calloc(check->nr_sites + 1, sizeof(*check->by_address));
	check->by_root = calloc(check->nr_sites + 1, sizeof(*check->by_root));
	if (!check->by_address || !check->by_root)
		return false;
	for (size_t i = 0; i < check->nr_sites; i++) {
		struct site *site = &check->sites[i];

		if (site->bad)
			continue;
		site->root = extent_final(check, site->address);
		check->by_address[check->nr_good_sites] = site;
		check->by_root[check->nr_good_sites++] = site;
	}
	qsort(check->by_address, check->nr_good_sites, sizeof(*check->by_address), by_address);
	qsort(check->by_root, check->nr_good_sites, sizeof(*check->by_root), by_root);
	return true;
}

bool extents_build(struct check *check)
{
	size_t bad;

	check->extents = calloc(3 * check->nr_records + 1, sizeof(*check->extents));
	if (!check->extents)
		return false;
	do {
		bad = count_bad(check);
		build(check);
	} while (count_bad(check) != bad);
	return index_sites(check);
}

int extent_of(const struct check *check, u64 address)
{
	size_t low = 0, high = check->nr_extents;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (check->extents[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	int extent = (int)low - 1;

	while (extent != NO_EXTENT && check->extents[extent].end <= address)
		extent = check->extents[extent].parent;
	return extent;
}

int extent_outside(const struct check *check, int extent)
{
	return check->extents[check->sites[check->extents[extent].site].extent].parent;
}

const struct extent *extent_version(const struct check *check, u64 address)
{
	int extent = extent_of(check, address);

	while (extent != NO_EXTENT && check->extents[extent].kind != EXTENT_VERSION)
		extent = check->extents[extent].parent;
	return extent == NO_EXTENT ? NULL : &check->extents[extent];
}

u64 extent_final(const struct check *check, u64 address)
{
	const struct extent *version;

	for (unsigned i = 0; i < MAX_CHAIN && (version = extent_version(check, address)); i++)
		address = check->sites[version->site].address + (address - version->start);
	return address;
}

/* Whether code at `from` is there only when `extent` is. */
static bool depends_on(const struct check *check, u64 from, int extent)
{
	int around = extent_of(check, from);

	for (unsigned i = 0; i < MAX_CHAIN && around != NO_EXTENT; i++) {
		if (around == extent)
			return true;
		around = extent_outside(check, around);
	}
	return false;
}

int extent_own_end(const struct check *check, u64 from, u64 address)
{
	int around = extent_of(check, from);

	for (unsigned i = 0; i < MAX_CHAIN && around != NO_EXTENT; i++) {
		if (check->extents[around].kind != EXTENT_SITE &&
		    check->extents[around].end == address)
			return around;
		around = extent_outside(check, around);
	}
	return NO_EXTENT;
}

bool extent_reaches(const struct check *check, u64 from, u64 address)
{
	int around = extent_of(check, address);

	for (unsigned i = 0; i < MAX_CHAIN && around != NO_EXTENT; i++) {
		const struct extent *extent = &check->extents[around];
		bool entry = extent->kind != EXTENT_VERSION && extent->start == address;

		if (!entry && !depends_on(check, from, around))
			return false;
		around = extent_outside(check, around);
	}
	return true;
}
