/* SPDX-License-Identifier: MIT */
/*
 * cpu-facts [--cpu=LIST] [--copy=NAME] [--fast-strings=0] FILE...: what the kernel would make of
 * a processor, from its `cpuid -r` dump: one JSON object a line, with `refused` in place of a
 * verdict where the kernel would not run.
 */
#include "../whatif/json.h"
#include "../whatif/processor.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE_BYTES 512

struct wishes {
	const char *cpu, *copy;
	struct cpu_controls controls;
};

static void print_set(struct json *json, const char *key, const struct feature_set *set)
{
	json_open(json, key, '[');
	for (unsigned i = 0; i < NR_FEATURES; i++)
		if (feature_test(set, i))
			json_text(json, NULL, feature_name(i));
	json_close(json, ']');
}

/* `refused` is the kernel's reason not to run on it, or NULL. */
static void print_verdict(const char *path, const struct cpu_verdict *verdict, const char *refused)
{
	const struct cpu_identity *cpu = &verdict->facts.identity;
	struct json json = { stdout, false };

	json_open(&json, NULL, '{');
	json_text(&json, "file", path);
	json_text(&json, "vendor", cpu->vendor);
	json_text(&json, "brand", cpu->brand);
	json_number(&json, "family", cpu->family);
	json_number(&json, "model", cpu->model);
	json_number(&json, "stepping", cpu->stepping);
	print_set(&json, "raw", &verdict->facts.raw);
	print_set(&json, "judged", &verdict->facts.judged);
	if (refused) {
		json_text(&json, "refused", refused);
	} else {
		print_set(&json, "features", &verdict->features);
		json_text(&json, "copy", verdict->copy.name);
		json_text(&json, "why", verdict->copy.why);
	}
	json_close(&json, '}');
	json_end(&json);
}

static int show(const char *path, const struct wishes *wishes)
{
	static struct processor processor;
	struct cpu_verdict verdict;
	char error[MESSAGE_BYTES];

	if (!processor_read(&processor, path, error, sizeof(error))) {
		fprintf(stderr, "cpu-facts: %s\n", error);
		return -1;
	}
	int refused = cpu_settle(processor.rows, processor.nr_rows, &wishes->controls, wishes->cpu,
				 wishes->copy, &verdict, error, sizeof(error));

	print_verdict(path, &verdict, refused ? error : NULL);
	return 0;
}

static bool take_wish(const char *argument, struct wishes *wishes)
{
	if (!strncmp(argument, "--cpu=", 6))
		wishes->cpu = argument + 6;
	else if (!strncmp(argument, "--copy=", 7))
		wishes->copy = argument + 7;
	else if (!strcmp(argument, "--fast-strings=0"))
		wishes->controls.misc_enable_known = true;
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct wishes wishes = { .controls.xcr0 = CPU_XCR0_KERNEL };
	int status = 0, files = 0;

	for (int i = 1; i < argc; i++) {
		if (take_wish(argv[i], &wishes))
			continue;
		files++;
		status |= show(argv[i], &wishes);
	}
	if (!files) {
		fprintf(stderr, "usage: cpu-facts [--cpu=LIST] [--copy=NAME] [--fast-strings=0] "
				"FILE...\n");
		return 2;
	}
	return status ? 1 : 0;
}
