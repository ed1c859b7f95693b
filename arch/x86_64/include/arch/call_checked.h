/* SPDX-License-Identifier: MIT */
/*
 * For tests of routines in assembly, in the kernel and in a process: calls a function and sees to
 * it that it kept what the System V ABI (section "Registers") says it keeps, and all vector and
 * mask registers, which in the kernel are the program's.
 */
#pragma once

#include <quench/types.h>

#define RFLAGS_IF (UINT64_C(1) << 9)
#define RFLAGS_DF (UINT64_C(1) << 10)
#define RFLAGS_AC (UINT64_C(1) << 18)

/* What is looked after: xmm0 to 15; ymm0 to 15; zmm0 to 31 and k0 to 7 (AVX512BW). The processor
 * must have them, and XCR0 allow them. */
enum { CALL_CHECKED_SSE, CALL_CHECKED_AVX, CALL_CHECKED_AVX512 };
extern u8 call_checked_vectors;

struct call_outcome {
	u64 flags;     /* as the function left them; AC and DF are clear by now */
	u64 clobbered; /* not 0: a preserved register or rsp changed */
	u64 vectors;   /* not 0: a vector or mask register changed */
	u64 rdi, rsi, rdx;
};

/* Any function of up to three integer or pointer arguments; returns its rax. Leaves rubbish in the
 * vector registers: for contexts to which no program will return. */
u64 call_checked(const void *fn, u64 a, u64 b, u64 c, struct call_outcome *outcome);
