/* SPDX-License-Identifier: MIT */
/* Measuring one cell: all contestants interleaved, in a new random order every round. */
#pragma once

#include "cell.h"
#include "contestant.h"

struct measure_settings {
	unsigned rounds;  /* samples of each contestant */
	u64 sample_ticks; /* calls in a sample are as many as take about so long */
	u64 random_state;
};
#define MAX_ROUNDS 255

/* Maps and touches the memory that is copied; once, first. Exits with a message on failure. */
void measure_start(void);

/* Measures the cell for each of the n contestants that can stand its size; results go to out[],
 * in the order of the contestants. Returns how many. */
size_t measure(const struct cell *cell, const struct contestant *contestants, size_t n,
	       struct measure_settings *settings, struct result *out);
