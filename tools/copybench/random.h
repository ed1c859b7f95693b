/* SPDX-License-Identifier: MIT */
/* Random numbers for the order of samples and for mixes: splitmix64, the same on every run with the
 * same seed. PURE. */
#pragma once

#include <quench/types.h>

static inline u64 random_next(u64 *state)
{
	u64 z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Uniform in [0, n), n < 2^32. */
static inline u32 random_below(u64 *state, u32 n)
{
	return (u32)((random_next(state) >> 32) * n >> 32);
}
