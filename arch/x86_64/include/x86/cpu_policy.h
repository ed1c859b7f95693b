/* SPDX-License-Identifier: MIT */
/* Which user-copy variant a processor gets, and why. PURE. docs/copy-policy.md. */
#pragma once

#include <arch/feature.h>

struct copy_choice {
	const char *name; /* as in copy=NAME */
	const char *why;  /* in a few words */
	int feature;      /* FEATURE_COPY_*, or -1 for the reference, which is the default code */
};

/*
 * Chooses by the feature set, or takes the variant called `name` (NULL, "" and "auto": choose).
 * 0, or -EINVAL with a sentence listing the names in `error`.
 */
int copy_policy(const struct feature_set *set, const char *name, struct copy_choice *choice,
		char *error, size_t error_bytes);

/* Makes the choice's COPY_* feature the only one in the set. */
void copy_policy_apply(const struct copy_choice *choice, struct feature_set *set);

/* Whether choosing by features looks at this one. */
bool copy_policy_asks(unsigned feature);
