/* SPDX-License-Identifier: MIT */
/* Reads the records of the alternatives and the exception table, as they stand in the image. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

static bool whole(const struct check *check, const struct range *table, size_t bytes,
		  const char *what)
{
	if ((table->end - table->start) % bytes == 0)
		return true;
	report(check, RULE_IMAGE, table->start,
	       "%s has %lu bytes, which are no whole records of %zu", what,
	       table->end - table->start, bytes);
	return false;
}

static bool read_records(struct check *check)
{
	const struct range *table = &check->image.alts;

	check->nr_records = (table->end - table->start) / sizeof(struct alt_entry);
	check->records = calloc(check->nr_records + 1, sizeof(*check->records));
	if (!check->records)
		return false;
	for (size_t i = 0; i < check->nr_records; i++) {
		struct record *record = &check->records[i];

		record->at = table->start + i * sizeof(record->raw);
		memcpy(&record->raw, image_bytes(&check->image, record->at, sizeof(record->raw)),
		       sizeof(record->raw));
		record->site =
			record->at + offsetof(struct alt_entry, site) + (u64)(s64)record->raw.site;
		if (record->raw.kind_op >> 4 != ALT_CONSTANT)
			record->version = record->at + offsetof(struct alt_entry, replacement) +
					  (u64)(s64)record->raw.replacement;
	}
	return true;
}

static bool same_site(const struct record *a, const struct record *b)
{
	return a->site == b->site && a->raw.site_bytes == b->raw.site_bytes &&
	       a->raw.default_bytes == b->raw.default_bytes && a->raw.depth == b->raw.depth &&
	       a->raw.kind_op >> 4 == ALT_CODE && b->raw.kind_op >> 4 == ALT_CODE;
}

static bool group_sites(struct check *check)
{
	check->sites = calloc(check->nr_records + 1, sizeof(*check->sites));
	if (!check->sites)
		return false;
	for (size_t i = 0; i < check->nr_records; i++) {
		struct record *record = &check->records[i];

		if (!i || !same_site(record - 1, record))
			check->sites[check->nr_sites++] = (struct site){
				.address = record->site,
				.root = record->site,
				.first = (u32)i,
				.bytes = record->raw.site_bytes,
				.default_bytes = record->raw.default_bytes,
				.constant = record->raw.kind_op >> 4 == ALT_CONSTANT,
				.extent = NO_EXTENT,
				.default_extent = NO_EXTENT,
			};
		record->site_index = (u32)(check->nr_sites - 1);
		check->sites[record->site_index].count++;
	}
	return true;
}

static int by_insn(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->insn != b->insn)
		return a->insn < b->insn ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static bool read_entries(struct check *check)
{
	const struct range *table = &check->image.extable;
	struct extable_entry raw;

	check->nr_entries = (table->end - table->start) / sizeof(raw);
	check->entries = calloc(check->nr_entries + 1, sizeof(*check->entries));
	if (!check->entries)
		return false;
	for (size_t i = 0; i < check->nr_entries; i++) {
		u64 at = table->start + i * sizeof(raw);

		memcpy(&raw, image_bytes(&check->image, at, sizeof(raw)), sizeof(raw));
		check->entries[i] = (struct entry){
			.at = at,
			.insn = at + offsetof(struct extable_entry, insn) + (u64)(s64)raw.insn,
			.fixup = at + offsetof(struct extable_entry, fixup) + (u64)(s64)raw.fixup,
			.type = raw.type,
		};
	}
	qsort(check->entries, check->nr_entries, sizeof(*check->entries), by_insn);
	return true;
}

bool tables_read(struct check *check)
{
	whole(check, &check->image.alts, sizeof(struct alt_entry), "the table of alternatives");
	whole(check, &check->image.extable, sizeof(struct extable_entry), "the exception table");
	return read_records(check) && group_sites(check) && read_entries(check);
}

size_t entry_from(const struct check *check, u64 address)
{
	size_t low = 0, high = check->nr_entries;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (check->entries[middle].insn < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
