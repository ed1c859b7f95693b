/* SPDX-License-Identifier: MIT */
/* Calls a function and sees to it that it kept what the System V ABI says it keeps, and the vector
 * registers. */
#pragma once

#include <quench/types.h>

#define RFLAGS_DF (UINT64_C(1) << 10)
#define RFLAGS_AC (UINT64_C(1) << 18)

/* Set where AVX-512 is there: its registers are looked after, too. */
extern u8 call_checks_avx512;

struct call_outcome {
	u64 flags;     /* as the function left them */
	u64 clobbered; /* not 0: a preserved, vector or mask register or rsp changed */
	u64 rdi, rsi, rdx;
};

/* Any function of up to three integer or pointer arguments; returns its rax. */
u64 call_checked(const void *fn, u64 a, u64 b, u64 c, struct call_outcome *outcome);
/* The same with a fault at every misaligned access, and nothing else looked after. */
u64 call_aligned(const void *fn, u64 a, u64 b, u64 c);
