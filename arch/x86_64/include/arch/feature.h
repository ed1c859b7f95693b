/* SPDX-License-Identifier: MIT */
/*
 * The features code can be chosen by, and sets of them. The list itself is
 * arch/x86_64/cpu/features.def, which NASM reads too. PURE.
 */
#pragma once

#include <quench/types.h>

#define FEATURE(name, leaf, subleaf, reg, bit, text) FEATURE_##name,
#define SYNTHETIC(name, text)                        FEATURE_##name,
#define FEATURES_HEADING(text)
enum feature {
#include "../../cpu/features.def"
	NR_FEATURES
};
#undef FEATURE
#undef SYNTHETIC
#undef FEATURES_HEADING

#define FEATURE_WORDS ((NR_FEATURES + 63) / 64)

struct feature_set {
	u64 word[FEATURE_WORDS];
};

static inline bool feature_test(const struct feature_set *set, unsigned feature)
{
	return set->word[feature / 64] >> (feature % 64) & 1;
}

static inline void feature_add(struct feature_set *set, unsigned feature)
{
	set->word[feature / 64] |= UINT64_C(1) << (feature % 64);
}

static inline void feature_remove(struct feature_set *set, unsigned feature)
{
	set->word[feature / 64] &= ~(UINT64_C(1) << (feature % 64));
}

/* The name as in features.def ("SMAP"), or NULL when out of range. */
const char *feature_name(unsigned feature);
/* The feature whose name is the n bytes at `name`, in either case; -1 when there is none. */
int feature_by_name(const char *name, size_t n);
