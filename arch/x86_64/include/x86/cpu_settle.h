/* SPDX-License-Identifier: MIT */
/* What a processor is used for, settled in one go: for the kernel and for whoever predicts it.
 * PURE. */
#pragma once

#include <x86/cpu_features.h>
#include <x86/cpu_policy.h>

struct cpu_verdict {
	struct cpu_facts facts;
	struct feature_set features; /* after masks and policy: what code is chosen by */
	struct copy_choice copy;
	u64 constants[NR_ALT_CONSTANTS]; /* as the choice wants them */
};

/*
 * Judges the rows, refuses a processor the kernel cannot run on, applies the lists of cpu= and
 * copy= (NULL: none), then the copy policy. 0, or -EINVAL with a sentence in `error`;
 * verdict->facts are there in any case.
 */
int cpu_settle(const struct cpuid_row *rows, size_t n, const struct cpu_controls *controls,
	       const char *cpu_list, const char *copy_name, struct cpu_verdict *verdict,
	       char *error, size_t error_bytes);
