/* SPDX-License-Identifier: MIT */
/* What is asked of the default, as ratios to the peers, and how the results stand to it. */
#pragma once

#include "cell.h"

#include <stdio.h>

/*
 * Prints one line a gate: PASS, tie (within noise of what is asked), FAIL, or "n/a" where the
 * processor has no such place or nothing was measured. The results of a cell stand together.
 * `simd`: the default uses vector registers, and is held to more. Returns the number of FAILs.
 */
unsigned gates_print(FILE *out, const struct result *results, size_t n, bool simd);
