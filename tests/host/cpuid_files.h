/* SPDX-License-Identifier: MIT */
/* CPUID dumps for the tests: those of tests/host/cpuid by name, and a folder of others. */
#pragma once

#include <x86/cpu_features.h>
#include <x86/cpuid_table.h>

struct cpuid_file {
	struct cpuid_row rows[CPUID_MAX_ROWS];
	size_t n;
};

/* The dump tests/host/cpuid/NAME.txt; fails the test when it cannot be read. */
void cpuid_file_named(const char *name, struct cpuid_file *file);

/* The dump at `path`; fails the test when it cannot be read, naming path and line. */
void cpuid_file_read(const char *path, struct cpuid_file *file);

/* Calls `visit` for every *.txt of the folder in QUENCH_CPUID_DUMPS, in no order. Returns their
 * number; 0 after saying SKIP when the variable is unset or empty. */
size_t cpuid_files_each(void (*visit)(const char *path, const struct cpuid_file *file));

/* The verdict with what this kernel turns on and fast strings on. */
void cpuid_file_judge(const struct cpuid_file *file, struct cpu_facts *facts);
