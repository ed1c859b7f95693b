/* SPDX-License-Identifier: MIT */
/* The product of faults that test_copy_faults.c tries: its kinds, and how it is sampled. */
#pragma once

#include "copy_case.h"

#define FAULT_ALIGNMENTS  64
#define FAULT_SHORT_BYTES 320

/* Every threshold as played (512), the page size and twice it, each with its neighbours. */
extern const size_t fault_long_lengths[];
extern const size_t nr_fault_long_lengths;

/* Of the sample, one case in so many. */
enum { ONE_IN_SHORT = 17, ONE_IN_LONG = 127, ONE_IN_GOOD = 9, ONE_IN_WILD = 3 };

/* Whether the next case, of n bytes, is tried: always in the long form and for few bytes, else for
 * one in so many, by a generator that faults_seed starts. */
bool fault_taken(size_t n, unsigned one_in);
void faults_seed(u64 seed);

/* One kind of case and what it is tried on: a row of copy_variants or clear_variants, or NULL. */
enum fault_subject { EACH_COPY, EACH_CLEAR, ONCE };
struct fault_kind {
	const char *name;
	void (*run)(const void *row);
	enum fault_subject subject;
};
/* The variants, called directly; then what the kernel calls. Each ends with a kind without name. */
extern const struct fault_kind faults_of_variants[], faults_of_entries[];
