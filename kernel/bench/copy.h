/* SPDX-License-Identifier: MIT */
/* The copy benchmark of `bench=copy`: every variant, from user memory, in ticks of the TSC. */
#pragma once

/* Prints the table on the console and a `bench` record for each cell. Process-free boot context,
 * after the seal. Needs 33 pages; says so and returns when they are not there. */
void bench_copy(void);
