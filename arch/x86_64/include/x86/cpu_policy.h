/* SPDX-License-Identifier: MIT */
/* Which user-copy variant a processor gets, with which thresholds, and why. PURE.
 * docs/copy-policy.md. */
#pragma once

#include <arch/alternative.h>
#include <arch/cpu.h>
#include <arch/feature.h>

struct copy_choice {
	const char *name; /* as in copy=NAME */
	const char *why;  /* in a few words */
	int feature;      /* FEATURE_COPY_*, or -1 for the reference, which is the default code */
	struct copy_thresholds thresholds;
};

/*
 * Chooses by the feature set, or takes the variant called `name` (NULL, "", "auto", and "calibrate"
 * and "calibrate-anyway", which come later: choose).
 * 0, or -EINVAL with a sentence in `error`: there is no such variant, and these are the names; or
 * the processor lacks what it needs.
 */
int copy_policy(const struct feature_set *set, const char *name, struct copy_choice *choice,
		char *error, size_t error_bytes);

/* A feature without which the variant faults and which `set` lacks, or -1. `feature` is a
 * FEATURE_COPY_*, or -1 for the reference. */
int copy_variant_lacks(const struct feature_set *set, int feature);

/* Makes the choice's COPY_* feature the only one in the set. */
void copy_policy_apply(const struct copy_choice *choice, struct feature_set *set);

/* Whether choosing by features looks at this one. */
bool copy_policy_asks(unsigned feature);

/* The runtime constants of asm/constants.def as the choice wants them. */
void cpu_constants(const struct copy_choice *choice, u64 constants[NR_ALT_CONSTANTS]);
