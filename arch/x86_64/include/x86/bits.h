/* SPDX-License-Identifier: MIT */
/* Counting bits, by POPCNT where there is one. */
#pragma once

#include <arch/alternative.h>
#include <quench/types.h>

/* How many bits of the word are 1. Any context, also before patching. SDM volume 2, "POPCNT". */
static inline unsigned x86_count_bits(u64 word)
{
	u64 count;

	alternative_io("call x86_count_bits_by_adding", FEATURE_POPCNT, "popcnt %[word], %[count]",
		       ALT_OUT([count] "=a"(count), [word] "+D"(word)), ALT_IN(), "rdx");
	return (unsigned)count;
}
