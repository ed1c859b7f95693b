/* SPDX-License-Identifier: MIT */
/* Ways to find an entry of a sorted exception table, side by side. Reads the clock. */
#pragma once

#include <arch/extable.h>
#include <quench/types.h>

enum lookup {
	LOOKUP_LINEAR,
	LOOKUP_BSEARCH,
	LOOKUP_BRANCHLESS,
	LOOKUP_EYTZINGER,
	LOOKUP_INDEX,
	NR_LOOKUPS
};

struct lookup_result {
	double ns[NR_LOOKUPS]; /* a lookup, the median of interleaved rounds */
	unsigned looks;        /* the most entries the kernel's binary search looked at */
	unsigned index_looks;  /* the same by the index, */
	u64 index_sum;         /* and for all entries together */
};

const char *lookup_name(enum lookup way);

/*
 * Looks up random instructions of the sound table, all in [start, stop), each way, checks that all
 * find the same, and measures. False after a message on standard error.
 */
bool lookup_measure(const struct extable_entry *table, size_t n, u64 start, u64 stop,
		    struct lookup_result *result);
