/* SPDX-License-Identifier: MIT */
/* Dumps as files, and the kernel's questions answered from them. */
#include "processor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAX_TEXT (1 << 20)

static void take_name(struct processor *processor, const char *path)
{
	const char *name = strrchr(path, '/');
	size_t n;

	name = name ? name + 1 : path;
	n = strlen(name);
	if (n > 4 && !strcmp(name + n - 4, ".txt"))
		n -= 4;
	snprintf(processor->name, sizeof(processor->name), "%.*s", (int)n, name);
}

bool processor_read(struct processor *processor, const char *path, char *error, size_t error_bytes)
{
	static char text[MAX_TEXT];
	struct cpuid_dump_error wrong;
	FILE *in = fopen(path, "r");
	bool unread;
	size_t n;

	take_name(processor, path);
	n = in ? fread(text, 1, sizeof(text), in) : 0;
	unread = !in || ferror(in);
	if (unread)
		snprintf(error, error_bytes, "%s: %s", path, strerror(errno));
	if (in)
		fclose(in);
	if (unread)
		return false;
	if (!cpuid_dump_parse(text, n, processor->rows, CPUID_MAX_ROWS, &processor->nr_rows,
			      &wrong))
		return true;
	snprintf(error, error_bytes, "%s:%zu: %s; wanted is what `cpuid -r` prints", path,
		 wrong.line, wrong.why);
	return false;
}

static void answer(void *context, struct cpuid_row *row)
{
	const struct processor *processor = context;
	const struct cpuid_row *known =
		cpuid_find(processor->rows, processor->nr_rows, row->leaf, row->subleaf);

	if (known)
		*row = *known;
}

int processor_settle(const struct processor *processor, const char *cpu_list, const char *copy_name,
		     struct cpu_verdict *verdict, char *error, size_t error_bytes)
{
	const struct cpu_controls controls = {
		.xcr0 = CPU_XCR0_KERNEL,
		.misc_enable_known = true,
		.misc_enable = MISC_ENABLE_FAST_STRINGS,
	};
	struct cpuid_row rows[CPUID_MAX_ROWS];
	size_t n = cpuid_walk(answer, (void *)(uintptr_t)processor, rows, CPUID_MAX_ROWS);

	return cpu_settle(rows, n, &controls, cpu_list, copy_name, verdict, error, error_bytes);
}
