/* SPDX-License-Identifier: MIT */
/* What follows from the figures of `copy=calibrate`. PURE. docs/copy-policy.md. */
#pragma once

#include <quench/types.h>

/* The index of the least of n figures, in ticks; or `kept`, the policy's choice, unless it is
 * beaten by more than a thirty-second. A figure of 0 was not measured. n > 0, kept < n. */
size_t calibrate_best(const u64 *ticks, size_t n, size_t kept);

/* The first of n ascending sizes from which on `string` takes no more than `loop` and a sixteenth,
 * there and at all greater sizes; 0 when there is none. A tie is the string move's: it needs no
 * branch and few instructions. */
u32 calibrate_threshold(const u32 *sizes, const u64 *loop, const u64 *string, size_t n);

/* Whether a string move that takes `near` ticks a little above its source, and `far` half a page
 * away, has a cliff. */
bool calibrate_cliff(u64 near, u64 far);
