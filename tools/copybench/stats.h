/* SPDX-License-Identifier: MIT */
/* From samples to a figure with its spread, and when two figures are the same. */
#pragma once

#include <quench/types.h>

struct quartiles {
	u64 q1, median, q3;
};

/* Sorts the n > 0 samples. */
struct quartiles quartiles_of(u64 *samples, size_t n);

/* Differences below this many percent at a size of `bytes` are noise: what differs by code
 * placement or by the neighbours on the machine alone. */
unsigned noise_percent(u64 bytes);

/* How a ratio stands against what is asked of it. */
enum verdict { VERDICT_PASS, VERDICT_TIE, VERDICT_FAIL };
enum verdict judge_ratio(double ratio, double wanted, u64 bytes);
