/* SPDX-License-Identifier: MIT */
/* Sets of processors. PURE. */
#pragma once

#include <quench/types.h>

#define CPU_MAX 256 /* processors the kernel is built for */

struct cpu_mask {
	u64 word[CPU_MAX / 64];
};

static inline bool cpu_mask_test(const struct cpu_mask *mask, u32 cpu)
{
	return mask->word[cpu / 64] >> (cpu % 64) & 1;
}
static inline void cpu_mask_add(struct cpu_mask *mask, u32 cpu)
{
	mask->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}
