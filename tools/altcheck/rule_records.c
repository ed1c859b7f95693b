/* SPDX-License-Identifier: MIT */
/* Rules on one record, and on the records of one site: bounds, features, conditions. */
#include "check.h"
#include "combination.h"

static const struct alt_entry *raw_of(const struct record *record)
{
	return &record->raw;
}

/* The first thing wrong with where the record points, or NULL. */
static const char *bounds_fault(const struct check *check, const struct record *record)
{
	const struct alt_entry *raw = raw_of(record);
	const struct image *image = &check->image;

	if (raw->kind_op >> 4 > ALT_CONSTANT)
		return "is of no known kind";
	if (!raw->site_bytes)
		return "has a site of no bytes";
	if (!range_holds(&image->text, record->site, raw->site_bytes) &&
	    !range_holds(&image->versions, record->site, raw->site_bytes))
		return "has a site outside of text and the versions";
	if (raw->default_bytes > raw->site_bytes)
		return "has default code longer than its site";
	if (raw->replacement_bytes > raw->site_bytes)
		return "has a version longer than its site";
	if (raw->kind_op >> 4 == ALT_CONSTANT)
		return NULL;
	if (!range_holds(&image->versions, record->version, raw->replacement_bytes))
		return "has a version outside of __start_altinstr_replacement..__stop_altinstr_replacement";
	return NULL;
}

/* The first thing wrong with its terms, or NULL. */
static const char *terms_fault(const struct alt_entry *raw)
{
	if ((raw->kind_op & 15) > ALT_ANY_OF)
		return "combines its terms in no known way";
	if (raw->nr_terms > ALT_MAX_TERMS)
		return "has more than 4 terms";
	for (unsigned i = 0; i < ALT_MAX_TERMS; i++) {
		if (i >= raw->nr_terms && raw->terms[i])
			return "has a term beyond its number of terms";
		if (i < raw->nr_terms && (raw->terms[i] & ~ALT_NOT) >= NR_FEATURES)
			return "has a term that is no feature";
	}
	return NULL;
}

static void judge(struct check *check, struct record *record, enum rule rule, const char *fault)
{
	if (!fault)
		return;
	report(check, rule, record->site, "record %zu %s", (size_t)(record - check->records),
	       fault);
	record->bad = true;
	check->sites[record->site_index].bad = true;
}

void check_records(struct check *check)
{
	for (size_t i = 0; i < check->nr_records; i++) {
		struct record *record = &check->records[i];

		judge(check, record, RULE_RECORD_BOUNDS, bounds_fault(check, record));
		if (!record->bad)
			judge(check, record, RULE_RECORD_FEATURE, terms_fault(raw_of(record)));
	}
}

/* Whether the record's condition holds for some, and whether for all, sets of features. */
static void condition_range(const struct check *check, const struct record *record, bool *some,
			    bool *all)
{
	struct combination combination = { 0 };

	combination_add(&combination, record);
	*some = false;
	*all = true;
	do {
		bool holds = combination_holds(&combination, record);

		*some |= holds;
		*all &= holds;
	} while (combination_next(&combination));
	(void)check;
}

static bool check_alone(const struct check *check, const struct record *record)
{
	char condition[128];
	bool some, all;

	condition_range(check, record, &some, &all);
	condition_name(&record->raw, condition, sizeof(condition));
	if (!some)
		report(check, RULE_RECORD_CONDITION, record->site, "%s can never hold", condition);
	if (all && record->raw.nr_terms)
		report(check, RULE_RECORD_CONDITION, record->site, "%s always holds", condition);
	return some && !(all && record->raw.nr_terms);
}

/* Versions that lose to later ones whatever the features. */
static void check_together(const struct check *check, const struct site *site)
{
	struct combination combination = { 0 };
	char condition[128];
	u64 won = 0;

	for (u32 i = 0; i < site->count; i++)
		if (!combination_add(&combination, &check->records[site->first + i]))
			return;
	do {
		int winner = combination_winner(&combination, check, site);

		if (winner >= 0)
			won |= UINT64_C(1) << (winner & 63);
	} while (combination_next(&combination));
	for (u32 i = 0; i < site->count && i < 64; i++) {
		if (won >> i & 1)
			continue;
		condition_name(&check->records[site->first + i].raw, condition, sizeof(condition));
		report(check, RULE_RECORD_CONDITION, site->address,
		       "version %u (%s) can never win, a later one holds whenever it does", i + 1,
		       condition);
	}
}

void check_conditions(const struct check *check)
{
	for (size_t i = 0; i < check->nr_sites; i++) {
		const struct site *site = &check->sites[i];
		bool sane = true;

		if (site->bad || site->constant)
			continue;
		for (u32 k = 0; k < site->count; k++)
			sane &= check_alone(check, &check->records[site->first + k]);
		if (sane)
			check_together(check, site);
	}
}
