/* SPDX-License-Identifier: MIT */
/* Calls with a fault at every misaligned access. */
#pragma once

#include <quench/types.h>

/* A function of up to three integer or pointer arguments; nothing is looked after. */
u64 call_aligned(const void *fn, u64 a, u64 b, u64 c);
