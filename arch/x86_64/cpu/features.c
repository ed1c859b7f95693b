/* SPDX-License-Identifier: MIT */
/* The list of features as tables: names, texts and places in CPUID. PURE. */
#include <x86/cpu_features.h>
#include <x86/cpuid_table.h>

enum { REG_EAX, REG_EBX, REG_ECX, REG_EDX };

struct feature_row {
	const char *name, *text;
	struct feature_place place;
};

static const struct feature_row features[NR_FEATURES] = {
#define FEATURES_HEADING(comment)
#define FEATURE(id, leaf, subleaf, reg, bit, comment) \
	{ #id, comment, { leaf, subleaf, REG_##reg, bit } },
#define SYNTHETIC(id, comment) { #id, comment, { CPUID_NOWHERE, 0, 0, 0 } },
#include "features.def"
#undef FEATURES_HEADING
#undef FEATURE
#undef SYNTHETIC
};

const char *feature_name(unsigned feature)
{
	return feature < NR_FEATURES ? features[feature].name : NULL;
}

const char *feature_text(unsigned feature)
{
	return feature < NR_FEATURES ? features[feature].text : NULL;
}

struct feature_place feature_place(unsigned feature)
{
	if (feature >= NR_FEATURES)
		return (struct feature_place){ .leaf = CPUID_NOWHERE };
	return features[feature].place;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

int feature_by_name(const char *name, size_t n)
{
	for (int i = 0; i < NR_FEATURES; i++) {
		size_t k = 0;

		while (k < n && features[i].name[k] && upper(name[k]) == features[i].name[k])
			k++;
		if (k == n && n && !features[i].name[k])
			return i;
	}
	return -1;
}

static u32 row_register(const struct cpuid_row *row, unsigned reg)
{
	switch (reg) {
	case REG_EAX:
		return row->eax;
	case REG_EBX:
		return row->ebx;
	case REG_ECX:
		return row->ecx;
	default:
		return row->edx;
	}
}

void feature_read_raw(const struct cpuid_row *rows, size_t n, struct feature_set *raw)
{
	*raw = (struct feature_set){ 0 };
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		struct feature_place place = features[i].place;
		const struct cpuid_row *row;

		if (place.leaf == CPUID_NOWHERE)
			continue;
		row = cpuid_find(rows, n, place.leaf, place.subleaf);
		if (row && row_register(row, place.reg) >> place.bit & 1)
			feature_add(raw, i);
	}
}
