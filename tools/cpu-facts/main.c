/* SPDX-License-Identifier: MIT */
/*
 * cpu-facts [--cpu=LIST] [--copy=NAME] [--fast-strings=0] FILE...: what the kernel would make of
 * a processor, from its `cpuid -r` dump: one JSON object a line.
 */
#include <stdio.h>
#include <string.h>

#include <x86/cpu_features.h>
#include <x86/cpu_policy.h>
#include <x86/cpuid_table.h>

#define MAX_TEXT (1 << 20)

struct wishes {
	const char *cpu, *copy;
	struct cpu_controls controls;
};

static void print_set(const char *key, const struct feature_set *set)
{
	const char *comma = "";

	printf(",\"%s\":[", key);
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		if (!feature_test(set, i))
			continue;
		printf("%s\"%s\"", comma, feature_name(i));
		comma = ",";
	}
	printf("]");
}

/* A JSON string; what is not plain ASCII shows as '?'. */
static void print_text(const char *key, const char *text)
{
	printf("\"%s\":\"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text >= ' ' && *text <= '~' ? *text : '?');
	}
	printf("\"");
}

static void print_facts(const char *path, const struct cpu_facts *facts,
			const struct feature_set *features, const struct copy_choice *choice)
{
	const struct cpu_identity *cpu = &facts->identity;

	printf("{");
	print_text("file", path);
	printf(",");
	print_text("vendor", cpu->vendor);
	printf(",");
	print_text("brand", cpu->brand);
	printf(",\"family\":%u,\"model\":%u,\"stepping\":%u", cpu->family, cpu->model,
	       cpu->stepping);
	print_set("raw", &facts->raw);
	print_set("judged", &facts->judged);
	print_set("features", features);
	printf(",\"copy\":\"%s\",\"why\":\"%s\"}\n", choice->name, choice->why);
}

static int read_dump(const char *path, struct cpuid_row *rows, size_t *nr_rows)
{
	static char text[MAX_TEXT];
	struct cpuid_dump_error error;
	FILE *in = fopen(path, "r");
	size_t n;

	if (!in) {
		perror(path);
		return -1;
	}
	n = fread(text, 1, sizeof(text), in);
	fclose(in);
	if (!cpuid_dump_parse(text, n, rows, CPUID_MAX_ROWS, nr_rows, &error))
		return 0;
	fprintf(stderr, "%s:%zu: %s\n", path, error.line, error.why);
	return -1;
}

static int show(const char *path, const struct wishes *wishes)
{
	static struct cpuid_row rows[CPUID_MAX_ROWS];
	struct feature_set features;
	struct copy_choice choice;
	struct cpu_facts facts;
	char error[256];
	size_t n;

	if (read_dump(path, rows, &n))
		return -1;
	cpu_judge(rows, n, &wishes->controls, &facts);
	features = facts.judged;
	if (cpu_list_apply(wishes->cpu, &features, error, sizeof(error)) ||
	    copy_policy(&features, wishes->copy, &choice, error, sizeof(error))) {
		fprintf(stderr, "%s: %s\n", path, error);
		return -1;
	}
	copy_policy_apply(&choice, &features);
	print_facts(path, &facts, &features, &choice);
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
