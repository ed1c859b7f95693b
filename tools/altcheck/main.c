/* SPDX-License-Identifier: MIT */
/* altcheck: proves of a linked kernel that its alternatives and its exception table are sound, for
 * every processor, before it is ever booted. docs/altcheck.md. Reads one file. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* Exit statuses. */
enum { SOUND, UNSOUND, UNUSABLE };

static const char usage[] =
	"usage: altcheck [--off RULE]... [--stamp FILE] [--verbose] IMAGE\n"
	"       altcheck --list\n"
	"Exit status: 0 sound, 1 findings (on standard error), 2 the image cannot be read.\n";

struct options {
	const char *image, *stamp;
	bool list, verbose;
};

static bool parse(struct options *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (!strcmp(word, "--list")) {
			options->list = true;
		} else if (!strcmp(word, "--verbose")) {
			options->verbose = true;
		} else if (!strcmp(word, "--stamp") && value) {
			options->stamp = argv[++i];
		} else if (!strcmp(word, "--off") && value) {
			if (!report_disable(argv[++i])) {
				fprintf(stderr, "altcheck: no rule is called %s; see --list\n",
					value);
				return false;
			}
		} else if (*word == '-' || options->image) {
			return false;
		} else {
			options->image = word;
		}
	}
	return options->list || options->image;
}

/* The order matters: what an earlier step finds wrong, later steps leave out. */
static bool check_all(struct check *check)
{
	if (!tables_read(check))
		return false;
	check_records(check);
	if (!extents_build(check) || !code_read(check))
		return false;
	check_conditions(check);
	check_sites(check);
	check_constants(check);
	check_prefixes(check);
	check_branches(check);
	check_early(check);
	check_extable(check);
	check_functions(check);
	return true;
}

static void free_all(struct check *check)
{
	free(check->records);
	free(check->sites);
	free(check->by_address);
	free(check->by_root);
	free(check->extents);
	free(check->entries);
	free(check->functions);
	free(check->code);
	image_close(&check->image);
}

static bool write_stamp(const char *path)
{
	FILE *file = path ? fopen(path, "w") : NULL;

	if (path && !file)
		fprintf(stderr, "altcheck: %s cannot be written\n", path);
	if (file)
		fclose(file);
	return !path || file;
}

static int verdict(const struct check *check, const struct options *options, bool complete)
{
	size_t findings = report_count();

	if (!complete) {
		fprintf(stderr, "altcheck: out of memory\n");
		return UNUSABLE;
	}
	if (options->verbose)
		printf("altcheck: %zu functions, %zu instructions, %zu sites, %zu versions, "
		       "%zu exception table entries, %zu runs: %zu findings\n",
		       check->nr_functions, check->nr_code, check->nr_sites, check->nr_records,
		       check->nr_entries, check->nr_combinations, findings);
	if (findings) {
		fprintf(stderr, "altcheck: %s: %zu findings; docs/altcheck.md explains the rules\n",
			options->image, findings);
		return UNSOUND;
	}
	return write_stamp(options->stamp) ? SOUND : UNUSABLE;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct check check = { 0 };
	int status = UNUSABLE;

	if (!parse(&options, argc, argv)) {
		fputs(usage, stderr);
		return UNUSABLE;
	}
	if (options.list) {
		report_list(stdout);
		return SOUND;
	}
	if (image_open(&check.image, options.image)) {
		bool complete = check_all(&check);

		status = verdict(&check, &options, complete);
	}
	free_all(&check);
	return status;
}
