/* SPDX-License-Identifier: MIT */
/* Sets of features to try a piece of code under: all that its records tell apart. PURE. */
#pragma once

#include "check.h"

/* 2^12 passes over a function are well below a second. */
#define MAX_COMBINED_FEATURES 12

struct combination {
	u16 features[MAX_COMBINED_FEATURES];
	unsigned nr_features;
	u32 present; /* bit i: features[i] is there */
};

/* Adds the features a record asks for. False: there are too many. */
bool combination_add(struct combination *combination, const struct record *record);

/* The next set; false after the last, and it is the first again. */
bool combination_next(struct combination *combination);

/* Whether the record's condition holds. */
bool combination_holds(const struct combination *combination, const struct record *record);

/* Which of the site's records wins, counted from 0; -1: the default code stays. */
int combination_winner(const struct combination *combination, const struct check *check,
		       const struct site *site);

bool combination_has(const struct combination *combination, unsigned feature);

/* "with SMAP, without FSRM", "for every processor". */
void combination_name(const struct combination *combination, char *out, size_t size);
