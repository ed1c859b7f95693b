/* SPDX-License-Identifier: MIT */
/* Results as tables for people and as records for programs (docs/records.md, `bench`). */
#pragma once

#include "cell.h"
#include "contestant.h"

#include <stdio.h>

/* One group of results as two tables, ticks per call and bytes per tick. The results of a cell
 * stand together; those of the group are results[0..n). */
void report_tables(FILE *out, const struct result *results, size_t n,
		   const struct contestant *contestants, size_t nr_contestants);

/* One record a result, one a line. `processor` is its brand string, `chosen` the variant that
 * ships by default on it. */
void report_records(FILE *out, const struct result *results, size_t n, const char *processor,
		    const char *chosen);
