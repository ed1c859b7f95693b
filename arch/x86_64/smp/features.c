/* SPDX-License-Identifier: MIT */
/* Whether a processor may run text that was patched for another one. PURE. */
#include <arch/feature.h>
#include <x86/smp.h>

int smp_lacks(const struct feature_set *needed, const struct feature_set *found)
{
	for (unsigned i = 0; i < FEATURE_WORDS; i++) {
		u64 lacking = needed->word[i] & ~found->word[i];

		if (lacking)
			return (int)(i * 64 + (unsigned)__builtin_ctzll(lacking));
	}
	return -1;
}
