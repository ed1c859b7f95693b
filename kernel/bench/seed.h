/* SPDX-License-Identifier: MIT */
/* `bench=seed`: asking the page tables before a user copy against letting the processor fault. */
#pragma once

/* Prints the table and a `bench` record for each cell; docs/seed-question.md. Boot context, after
 * the seal; says so and returns when there is no memory. */
void bench_seed(void);
