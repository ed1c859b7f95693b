/* SPDX-License-Identifier: MIT */
/* The processor's own randomness. */
#pragma once

#include <quench/types.h>

/* 64 random bits; false when the processor has none to give, now or ever. Any context. */
bool arch_random(u64 *word);
