/* SPDX-License-Identifier: MIT */
/* Reads CPUID dumps for the tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "cpuid_files.h"

void cpuid_file_read(const char *path, struct cpuid_file *file)
{
	static char text[1 << 20];
	struct cpuid_dump_error error;
	FILE *in = fopen(path, "r");
	size_t n;

	if (!in)
		fail_msg("%s: cannot be read", path);
	n = fread(text, 1, sizeof(text), in);
	fclose(in);
	if (cpuid_dump_parse(text, n, file->rows, CPUID_MAX_ROWS, &file->n, &error))
		fail_msg("%s:%zu: %s", path, error.line, error.why);
}

void cpuid_file_named(const char *name, struct cpuid_file *file)
{
	const char *root = getenv("QUENCH_SOURCE_ROOT");
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/host/cpuid/%s.txt", root ? root : ".", name);
	cpuid_file_read(path, file);
}

size_t cpuid_files_each(void (*visit)(const char *path, const struct cpuid_file *file))
{
	static struct cpuid_file file;
	const char *folder = getenv("QUENCH_CPUID_DUMPS");
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	if (!folder || !*folder) {
		print_message("# SKIP of the real dumps: QUENCH_CPUID_DUMPS is not set\n");
		return 0;
	}
	dir = opendir(folder);
	if (!dir)
		fail_msg("%s: no such folder (QUENCH_CPUID_DUMPS)", folder);
	while ((entry = readdir(dir))) {
		const char *end = strrchr(entry->d_name, '.');
		char path[8192];

		if (!end || strcmp(end, ".txt"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		cpuid_file_read(path, &file);
		visit(path, &file);
		n++;
	}
	closedir(dir);
	assert_int_not_equal(n, 0);
	print_message("# %zu real dumps\n", n);
	return n;
}

void cpuid_file_judge(const struct cpuid_file *file, struct cpu_facts *facts)
{
	const struct cpu_controls controls = {
		.xcr0 = CPU_XCR0_KERNEL,
		.misc_enable_known = true,
		.misc_enable = MISC_ENABLE_FAST_STRINGS,
	};

	cpu_judge(file->rows, file->n, &controls, facts);
}
