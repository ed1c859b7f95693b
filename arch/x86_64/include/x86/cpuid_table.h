/* SPDX-License-Identifier: MIT */
/* CPUID's answers as a table: filling one, looking into one, and its text form. PURE. */
#pragma once

#include <arch/cpu.h>

/* Rows a table of one processor needs at most; cpuid_walk asks for no more. */
#define CPUID_MAX_ROWS 256

/* The row as it stands in the table, valid or not; NULL when there is none. */
const struct cpuid_row *cpuid_find(const struct cpuid_row *rows, size_t n, u32 leaf, u32 subleaf);

/*
 * The row when the processor defines it; NULL when the leaf is beyond the maximum its range
 * announces (Intel answers such a leaf with the data of its highest basic leaf) or the subleaf
 * beyond the one leaf 7 announces. SDM volume 2, "CPUID—CPU Identification".
 */
const struct cpuid_row *cpuid_valid(const struct cpuid_row *rows, size_t n, u32 leaf, u32 subleaf);

/* Vendor, brand, family, model, stepping by the extended family and model rules. */
void cpuid_identify(const struct cpuid_row *rows, size_t n, struct cpu_identity *out);

/* Answers row->leaf and row->subleaf into the rest of *row. */
typedef void (*cpuid_ask_fn)(void *context, struct cpuid_row *row);

/*
 * Asks for every leaf and subleaf the processor announces — basic, hypervisor (only with leaf
 * 1's HYPERVISOR bit), extended, and Centaur's — at most `max` of them, in ascending order
 * within each range. Returns the number of rows put into `rows`.
 */
size_t cpuid_walk(cpuid_ask_fn ask, void *context, struct cpuid_row *rows, size_t max);

/* Where and why a text is no dump. */
struct cpuid_dump_error {
	size_t line; /* from 1 */
	const char *why;
};

/*
 * Reads the text form of `cpuid -r`: a line `CPU 0:` or `CPU:`, then rows
 * `0xLEAF 0xSUB: eax=0x… ebx=0x… ecx=0x… edx=0x…`. Of several processors the first is taken;
 * blank lines and rows repeated word for word are allowed, anything else is an error. Host
 * library only. 0 with the count in *nr_rows; -EINVAL for a line that is none of these, a row
 * before the header, a row that contradicts an earlier one, or no row at all; -ENOSPC for more
 * than `max` rows.
 */
int cpuid_dump_parse(const char *text, size_t n, struct cpuid_row *rows, size_t max,
		     size_t *nr_rows, struct cpuid_dump_error *error);
