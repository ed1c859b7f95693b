/* SPDX-License-Identifier: MIT */
/* Nanoseconds, and the middle of several. Reads the clock. */
#pragma once

#include <quench/types.h>
#include <stdlib.h>
#include <time.h>

static inline u64 clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000 + (u64)now.tv_nsec;
}

static inline int clock_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Sorts the n values. */
static inline double clock_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), clock_order);
	return values[n / 2];
}
