/* SPDX-License-Identifier: MIT */
/* Medians, quartiles and the noise rule. */
#include "stats.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

struct quartiles quartiles_of(u64 *samples, size_t n)
{
	qsort(samples, n, sizeof(*samples), compare);
	return (struct quartiles){ samples[n / 4], samples[n / 2], samples[n - 1 - n / 4] };
}

unsigned noise_percent(u64 bytes)
{
	return bytes <= 256 ? 15 : 5;
}

enum verdict judge_ratio(double ratio, double wanted, u64 bytes)
{
	if (ratio >= wanted)
		return VERDICT_PASS;
	if (ratio * (100 + noise_percent(bytes)) >= wanted * 100)
		return VERDICT_TIE;
	return VERDICT_FAIL;
}
