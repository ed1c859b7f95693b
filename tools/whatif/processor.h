/* SPDX-License-Identifier: MIT */
/* A processor that is not at hand: its `cpuid -r` dump instead. Reads files. */
#pragma once

#include <x86/cpu_settle.h>
#include <x86/cpuid_table.h>

struct processor {
	char name[256]; /* the file's, without folder and ".txt" */
	struct cpuid_row rows[CPUID_MAX_ROWS];
	size_t nr_rows;
};

/* Reads the dump at `path`; false with a sentence that names path and line in `error`. */
bool processor_read(struct processor *processor, const char *path, char *error, size_t error_bytes);

/*
 * What the kernel settles on for it. The kernel's own walk asks the dump, which knows as little
 * as its processor told. IA32_MISC_ENABLE is not in a dump: taken as firmware leaves it, fast
 * strings on; cpu=-fast_strings is the other case. Errors are cpu_settle's.
 */
int processor_settle(const struct processor *processor, const char *cpu_list, const char *copy_name,
		     struct cpu_verdict *verdict, char *error, size_t error_bytes);
