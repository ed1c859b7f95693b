/* SPDX-License-Identifier: MIT */
/* Sets of features to try a piece of code under. PURE. */
#include "combination.h"

bool combination_add(struct combination *combination, const struct record *record)
{
	for (unsigned i = 0; i < record->raw.nr_terms; i++) {
		u16 feature = record->raw.terms[i] & (u16)~ALT_NOT;
		unsigned at = 0;

		while (at < combination->nr_features && combination->features[at] != feature)
			at++;
		if (at < combination->nr_features)
			continue;
		if (at == MAX_COMBINED_FEATURES)
			return false;
		combination->features[combination->nr_features++] = feature;
	}
	return true;
}

bool combination_next(struct combination *combination)
{
	combination->present++;
	if (combination->present < UINT32_C(1) << combination->nr_features)
		return true;
	combination->present = 0;
	return false;
}

bool combination_has(const struct combination *combination, unsigned feature)
{
	for (unsigned i = 0; i < combination->nr_features; i++)
		if (combination->features[i] == feature)
			return combination->present >> i & 1;
	return false;
}

bool combination_holds(const struct combination *combination, const struct record *record)
{
	bool any = (record->raw.kind_op & 15) == ALT_ANY_OF;

	for (unsigned i = 0; i < record->raw.nr_terms; i++) {
		u16 term = record->raw.terms[i];
		bool holds = combination_has(combination, term & ~ALT_NOT) == !(term & ALT_NOT);

		if (holds == any)
			return any;
	}
	return !any || !record->raw.nr_terms;
}

int combination_winner(const struct combination *combination, const struct check *check,
		       const struct site *site)
{
	for (u32 i = site->count; i-- && !site->constant;)
		if (combination_holds(combination, &check->records[site->first + i]))
			return (int)i;
	return -1;
}

void combination_name(const struct combination *combination, char *out, size_t size)
{
	size_t length = 0;

	if (!combination->nr_features)
		snprintf(out, size, "for every processor");
	for (unsigned i = 0; i < combination->nr_features && length < size; i++)
		length += (size_t)snprintf(out + length, size - length, "%s%s %s", i ? ", " : "",
					   combination->present >> i & 1 ? "with" : "without",
					   name_of_feature(combination->features[i]));
}
