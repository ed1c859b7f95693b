/* SPDX-License-Identifier: MIT */
/* Timed calls, in ticks of the time stamp counter. User mode; the TSC must be readable. */
#pragma once

#include "contestant.h"

/* The arguments of one call less their bases. */
struct call_offsets {
	u32 a, b, c;
};

/* Ticks of `ops` calls fn(a, b, c) in a row. */
u64 time_repeat(timed_fn fn, u64 a, u64 b, u64 c, u64 ops);
/* Ticks of the n calls fn(a + calls[i].a, b + calls[i].b, calls[i].c). */
u64 time_calls(timed_fn fn, u64 a, u64 b, const struct call_offsets *calls, size_t n);

/* The counter's rate, measured against the monotonic clock in some 20 ms. */
double tsc_ghz(void);
