/* SPDX-License-Identifier: MIT */
/*
 * whatif [--append WORDS] [--text FILE] [--sites] KERNEL DUMP...: what quench.elf will be on
 * processors known by their `cpuid -r` dumps. One JSON object a line: a processor; with --sites one
 * about the whole, then one a patch site. docs/whatif.md; tools/quench has the comfortable way in.
 */
#include "forge.h"
#include "json.h"
#include "processor.h"
#include "sites.h"

#include <kernel/lib/options.h>
#include <stdlib.h>
#include <string.h>

/* Exit statuses. */
enum { DONE, REFUSED, UNUSABLE };

#define MESSAGE_BYTES 512

struct wishes {
	const char *append, *text, *kernel;
	bool sites;
	char **dumps;
	size_t nr_dumps;
	char *line; /* a copy of `append`, which the kernel's own parser cuts to pieces */
	struct options options; /* they point into `line` */
	struct feature_set matter;
};

static bool take_words(struct wishes *wishes, int argc, char **argv)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--sites"))
			wishes->sites = true;
		else if (!strcmp(argv[i], "--append") && i + 1 < argc)
			wishes->append = argv[++i];
		else if (!strcmp(argv[i], "--text") && i + 1 < argc)
			wishes->text = argv[++i];
		else
			return false;
	}
	if (i + 2 > argc || ((wishes->sites || wishes->text) && i + 2 != argc))
		return false;
	wishes->kernel = argv[i];
	wishes->dumps = argv + i + 1;
	wishes->nr_dumps = (size_t)(argc - i - 1);
	return true;
}

static bool take_command_line(struct wishes *wishes)
{
	char error[MESSAGE_BYTES];

	wishes->line = strdup(wishes->append);
	if (wishes->line && !options_parse(wishes->line, &wishes->options, error, sizeof(error)))
		return true;
	fprintf(stderr, "whatif: %s\n", wishes->line ? error : "out of memory");
	return false;
}

static void print_features(struct json *json, const struct feature_set *features,
			   const struct feature_set *matter)
{
	json_open(json, "features", '[');
	for (unsigned i = 0; i < NR_FEATURES; i++)
		if (feature_test(features, i) && feature_test(matter, i))
			json_text(json, NULL, feature_name(i));
	json_close(json, ']');
}

static void print_row(const struct processor *processor, const struct cpu_verdict *verdict,
		      const struct feature_set *matter, const struct forging *result)
{
	struct json json = { stdout, false };

	json_open(&json, NULL, '{');
	json_text(&json, "cpu", processor->name);
	print_features(&json, &verdict->features, matter);
	json_text(&json, "copy", verdict->copy.name);
	json_number(&json, "sites", result->sites);
	json_number(&json, "changed", result->changed);
	json_text(&json, "text_sha256", result->digest);
	json_close(&json, '}');
	json_end(&json);
}

static void print_refusal(const struct processor *processor, const char *why)
{
	struct json json = { stdout, false };

	json_open(&json, NULL, '{');
	json_text(&json, "cpu", processor->name);
	json_text(&json, "refused", why);
	json_close(&json, '}');
	json_end(&json);
}

static bool write_text(const struct forge *forge, const char *path)
{
	FILE *out = fopen(path, "wb");
	bool written = out && forge_write(forge, out);

	if (out && fclose(out))
		written = false;
	if (!written)
		fprintf(stderr, "whatif: %s cannot be written\n", path);
	return written;
}

/* The line before the sites: how the whole went. */
static void print_whole(struct json *json, const struct processor *processor,
			const struct cpu_verdict *verdict, const struct forging *result)
{
	json_open(json, NULL, '{');
	json_text(json, "cpu", processor->name);
	json_text(json, "brand", verdict->facts.identity.brand);
	json_text(json, "copy", verdict->copy.name);
	json_text(json, "copy_why", verdict->copy.why);
	json_number(json, "sites", result->sites);
	json_number(json, "changed", result->changed);
	json_number(json, "entries", result->extable.entries);
	json_number(json, "moved", result->extable.moved);
	json_number(json, "dropped", result->extable.dropped);
	json_text(json, "text_sha256", result->digest);
	json_close(json, '}');
	json_end(json);
}

static int show_sites(const struct forge *forge, const struct processor *processor,
		      const struct cpu_verdict *verdict, const struct forging *result)
{
	struct json json = { stdout, false };
	char error[MESSAGE_BYTES];

	print_whole(&json, processor, verdict, result);
	if (sites_print(forge, &verdict->features, result, &json, error, sizeof(error)))
		return DONE;
	fprintf(stderr, "whatif: %s\n", error);
	return UNUSABLE;
}

static int predict(struct forge *forge, const struct wishes *wishes, const char *dump)
{
	static struct processor processor;
	struct cpu_verdict verdict;
	struct forging result;
	char error[MESSAGE_BYTES];

	if (!processor_read(&processor, dump, error, sizeof(error))) {
		fprintf(stderr, "whatif: %s\n", error);
		return UNUSABLE;
	}
	if (processor_settle(&processor, wishes->options.cpu, wishes->options.copy, &verdict, error,
			     sizeof(error)) ||
	    !forge_text(forge, &verdict.features, verdict.constants, &result, error,
			sizeof(error))) {
		print_refusal(&processor, error);
		return REFUSED;
	}
	if (wishes->sites)
		return show_sites(forge, &processor, &verdict, &result);
	print_row(&processor, &verdict, &wishes->matter, &result);
	return wishes->text && !write_text(forge, wishes->text) ? UNUSABLE : DONE;
}

/* All dumps, one after another, as far as what is asked can be read. */
static int predict_all(struct wishes *wishes)
{
	static struct forge forge;
	int status = DONE;

	if (!forge_open(&forge, wishes->kernel))
		status = UNUSABLE;
	else
		forge_matter(&forge, &wishes->matter);
	for (size_t i = 0; i < wishes->nr_dumps && status != UNUSABLE; i++) {
		int one = predict(&forge, wishes, wishes->dumps[i]);

		status = one > status ? one : status;
	}
	forge_close(&forge);
	return status;
}

int main(int argc, char **argv)
{
	struct wishes wishes = { .append = "" };
	int status;

	if (!take_words(&wishes, argc, argv)) {
		fputs("usage: whatif [--append WORDS] [--text FILE] [--sites] KERNEL DUMP...\n"
		      "--text and --sites are for one dump. Exit status: 0, 1 a processor is refused,\n"
		      "2 something cannot be read or written.\n",
		      stderr);
		return UNUSABLE;
	}
	status = take_command_line(&wishes) ? predict_all(&wishes) : UNUSABLE;
	free(wishes.line);
	return status;
}
