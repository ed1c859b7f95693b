/* SPDX-License-Identifier: MIT */
/* Findings as text: rule, place, complaint, remedy. Writes to standard error. */
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *holds, *remedy;
} rules[] = {
#define RULE(id, name, holds, remedy) { name, holds, remedy },
#include "rules.def"
#undef RULE
};

static const char *const features[] = {
#define FEATURE(name, leaf, subleaf, reg, bit, text) #name,
#define SYNTHETIC(name, text)                        #name,
#define FEATURES_HEADING(text)
#include "../../arch/x86_64/cpu/features.def"
#undef FEATURE
#undef SYNTHETIC
#undef FEATURES_HEADING
};

#define MAX_FINDINGS 200

static bool disabled[NR_RULES];
static struct said {
	enum rule rule;
	u64 address;
	const char *format;
} said[MAX_FINDINGS];
static size_t nr_findings;

bool report_disable(const char *name)
{
	for (size_t i = 0; i < NR_RULES; i++) {
		if (!strcmp(rules[i].name, name)) {
			disabled[i] = true;
			return true;
		}
	}
	return false;
}

void report_list(FILE *out)
{
	for (size_t i = 0; i < NR_RULES; i++)
		fprintf(out, "%-20s%s\n", rules[i].name, rules[i].holds);
}

size_t report_count(void)
{
	return nr_findings;
}

const char *name_of_feature(unsigned feature)
{
	return feature < ARRAY_SIZE(features) ? features[feature] : "no feature";
}

void condition_name(const struct alt_entry *record, char *out, size_t size)
{
	unsigned n = record->nr_terms <= ALT_MAX_TERMS ? record->nr_terms : ALT_MAX_TERMS;
	FILE *text = fmemopen(out, size, "w");

	if (!text)
		return;
	if (!n)
		fputs("always", text);
	if (n > 1)
		fputs((record->kind_op & 15) == ALT_ANY_OF ? "any_of(" : "all_of(", text);
	for (unsigned i = 0; i < n; i++)
		fprintf(text, "%s%s%s", i ? ", " : "", record->terms[i] & ALT_NOT ? "not " : "",
			name_of_feature(record->terms[i] & ~ALT_NOT));
	if (n > 1)
		fputc(')', text);
	fclose(text);
}

static void symbol_name(const struct check *check, u64 address, char *out, size_t size)
{
	const struct symbol *symbol = image_symbol(&check->image, address);

	if (symbol)
		snprintf(out, size, "%s+0x%lx", symbol->name, address - symbol->address);
	else
		snprintf(out, size, "0x%lx", address);
}

void place_name(const struct check *check, u64 address, char *out, size_t size)
{
	const struct extent *version = extent_version(check, address);
	char site[128], condition[128];

	if (!version) {
		symbol_name(check, address, out, size);
		return;
	}
	const struct site *of = &check->sites[version->site];

	symbol_name(check, of->root, site, sizeof(site));
	condition_name(&check->records[version->record].raw, condition, sizeof(condition));
	snprintf(out, size, "%s version %u (%s) +0x%lx", site, version->record - of->first + 1,
		 condition, address - version->start);
}

/* Whether this was complained of before, for other features perhaps; remembers it. */
static bool said_already(enum rule rule, u64 address, const char *format)
{
	size_t known = nr_findings < MAX_FINDINGS ? nr_findings : MAX_FINDINGS;

	for (size_t i = 0; i < known; i++)
		if (said[i].rule == rule && said[i].address == address && said[i].format == format)
			return true;
	if (known < MAX_FINDINGS)
		said[known] = (struct said){ rule, address, format };
	return false;
}

void report(const struct check *check, enum rule rule, u64 address, const char *format, ...)
{
	char place[320], what[512];
	va_list args;

	if (disabled[rule] || said_already(rule, address, format))
		return;
	place_name(check, address, place, sizeof(place));
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (nr_findings < MAX_FINDINGS)
		fprintf(stderr, "altcheck: %s: %s (0x%lx): %s; %s\n", rules[rule].name, place,
			address, what, rules[rule].remedy);
	else if (nr_findings == MAX_FINDINGS)
		fprintf(stderr, "altcheck: more than %d findings, the rest is not shown\n",
			MAX_FINDINGS);
	nr_findings++;
}
