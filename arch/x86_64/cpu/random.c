/* SPDX-License-Identifier: MIT */
/* RDSEED and RDRAND. */
#include <arch/alternative.h>
#include <arch/random.h>

/* SDM volume 1, "Digital Random Number Generator (DRNG)": ten tries. */
#define TRIES 10

static bool rdrand(u64 *word)
{
	bool carry;

	__asm__ volatile("rdrand %0" : "=r"(*word), "=@ccc"(carry));
	return carry;
}

static bool rdseed(u64 *word)
{
	bool carry;

	__asm__ volatile("rdseed %0" : "=r"(*word), "=@ccc"(carry));
	return carry;
}

bool arch_random(u64 *word)
{
	for (int i = 0; i < TRIES; i++) {
		if (cpu_has(FEATURE_RDSEED) && rdseed(word))
			return true;
		if (cpu_has(FEATURE_RDRAND) && rdrand(word))
			return true;
	}
	return false;
}
