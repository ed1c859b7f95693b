/* SPDX-License-Identifier: MIT */
/* copy=calibrate: the copy variant and its thresholds by measurement instead of by policy. */
#pragma once

#include <quench/types.h>

/*
 * Measures the variants this processor can run on kernel memory, for at most 3 ms, and hands
 * what wins to arch_cpu_choose_copy, with a `calibrate` record a variant and a `calibrated` one.
 * Where the clock is an emulator's it does nothing, and says so, unless `anyway`. Boot context,
 * before alternatives_apply: the variants are called as they were linked.
 */
void calibrate_copies(bool anyway);

/* The same when `copy` is the value of copy=calibrate or copy=calibrate-anyway; NULL is not. */
void calibrate_if_asked(const char *copy);
