/* SPDX-License-Identifier: MIT */
/*
 * copybench: how fast the kernel's copies are on the processor at hand, against the C library's and
 * bare string instructions, in one process, interleaved. docs/copybench.md.
 */
#include "gates.h"
#include "measure.h"
#include "native.h"
#include "peers.h"
#include "report.h"
#include "timing.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
	const char *json, *only, *copy;
	struct sizes sizes;
	bool quick, gates, strict, simd;
	bool kinds[2]; /* copy, clear */
	int cpu;       /* -1: the one it runs on */
	struct measure_settings settings;
};

static const char usage[] =
	"usage: copybench [OPTION]...\n"
	"Measures user copies on this processor; tables on standard output.\n"
	"  --gates        in place of the tables, what is asked of the default and how it does\n"
	"  --strict       exit status 1 when a gate fails\n"
	"  --simd         hold the default to what is asked with vector registers\n"
	"  --json FILE    write every result as a record, one a line\n"
	"  --only NAME    of the variants NAME alone, beside the default and the peers\n"
	"  --copy NAME    ship NAME by default, as copy=NAME on the kernel's command line\n"
	"  --sizes LIST   these sizes: 64,1500,4k,1m\n"
	"  --name copy|clear  one of the two\n"
	"  --quick        fewer cells and rounds\n"
	"  --rounds N     samples a cell (31)\n"
	"  --cpu N        the processor to run on\n"
	"  --seed N       of the random orders and mixes\n";

static __noreturn void refuse(const char *what, const char *value)
{
	fprintf(stderr, "copybench: %s%s\n%s", what, value, usage);
	exit(2);
}

static u64 parse_number(const char *text, char **end)
{
	u64 value;

	errno = 0;
	value = strtoull(text, end, 10);
	if (*end == text || errno)
		refuse("not a number: ", text);
	return value;
}

static unsigned parse_count(const char *text, unsigned min, unsigned max)
{
	char *end;
	u64 value = parse_number(text, &end);

	if (*end || value < min || value > max)
		refuse("out of range: ", text);
	return (unsigned)value;
}

static void parse_sizes(const char *text, struct sizes *sizes)
{
	char *end = (char *)text;

	for (sizes->n = 0; sizes->n < MAX_SIZES; text = end + 1) {
		u64 bytes = parse_number(text, &end);

		if (*end == 'k' || *end == 'm')
			bytes <<= *end++ == 'k' ? 10 : 20;
		if (bytes < 1 || bytes > MAX_BYTES || (*end && *end != ','))
			refuse("no list of sizes from 1 to 64m: ", text);
		sizes->bytes[sizes->n++] = bytes;
		if (!*end)
			return;
	}
	refuse("too many sizes", "");
}

static void parse_name(const char *text, bool kinds[2])
{
	kinds[0] = !strcmp(text, "copy");
	kinds[1] = !strcmp(text, "clear");
	if (!kinds[0] && !kinds[1])
		refuse("neither copy nor clear: ", text);
}

enum { JSON, ONLY, COPY, SIZES, NAME, QUICK, GATES, STRICT, SIMD, ROUNDS, CPU, SEED, HELP };
static const struct option long_options[] = {
	{ "json", 1, NULL, JSON },   { "only", 1, NULL, ONLY },
	{ "copy", 1, NULL, COPY },   { "sizes", 1, NULL, SIZES },
	{ "name", 1, NULL, NAME },   { "quick", 0, NULL, QUICK },
	{ "gates", 0, NULL, GATES }, { "strict", 0, NULL, STRICT },
	{ "simd", 0, NULL, SIMD },   { "rounds", 1, NULL, ROUNDS },
	{ "cpu", 1, NULL, CPU },     { "seed", 1, NULL, SEED },
	{ "help", 0, NULL, HELP },   { 0 },
};

static void take_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case JSON:
		options->json = value;
		break;
	case ONLY:
		if (!contestant_exists(value))
			refuse("no variant is called ", value);
		options->only = value;
		break;
	case COPY:
		options->copy = value;
		break;
	case SIZES:
		parse_sizes(value, &options->sizes);
		break;
	case NAME:
		parse_name(value, options->kinds);
		break;
	case QUICK:
		options->quick = true;
		options->settings.rounds = 9;
		options->settings.sample_ticks = 20000;
		break;
	case GATES:
		options->gates = true;
		break;
	case STRICT:
		options->gates = options->strict = true;
		break;
	case SIMD:
		options->simd = true;
		break;
	case ROUNDS:
		options->settings.rounds = parse_count(value, 3, MAX_ROUNDS);
		break;
	case CPU:
		options->cpu = (int)parse_count(value, 0, CPU_SETSIZE - 1);
		break;
	case SEED:
		options->settings.random_state = parse_count(value, 0, UINT32_MAX);
		break;
	case HELP:
		fputs(usage, stdout);
		exit(0);
	default:
		refuse("see the list of options", "");
	}
}

static struct options parse(int argc, char **argv)
{
	struct options options = {
		.kinds = { true, true },
		.cpu = -1,
		.settings = { .rounds = 31, .sample_ticks = 40000, .random_state = 1 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take_option(&options, option, optarg);
	if (optind < argc)
		refuse("unexpected: ", argv[optind]);
	return options;
}

static void pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		cpu = sched_getcpu();
	CPU_ZERO(&set);
	CPU_SET(cpu < 0 ? 0 : cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		fprintf(stderr, "copybench: cannot stay on processor %d: %s\n", cpu,
			strerror(errno));
		exit(1);
	}
}

static void forge(struct native_cpu *cpu, const char *copy_name)
{
	struct native_patched patched;
	char error[256];
	const char *wrong;

	if (native_detect(cpu, copy_name, error, sizeof(error))) {
		fprintf(stderr, "copybench: %s\n", error);
		exit(2);
	}
	wrong = native_patch(&cpu->features, cpu->constants, &patched);
	if (wrong) {
		fprintf(stderr, "copybench: patching failed: %s\n", wrong);
		exit(1);
	}
	native_catch_faults();
}

static void print_heading(const struct native_cpu *cpu, const struct options *options)
{
	u64 ops = 1 << 16;

	printf("%s (%s family %u model %u stepping %u), TSC %.2f GHz; an empty call: %.1f ticks\n",
	       cpu->identity.brand, cpu->identity.vendor, cpu->identity.family, cpu->identity.model,
	       cpu->identity.stepping, tsc_ghz(),
	       (double)time_repeat((timed_fn)(void *)peer_nothing, 0, 0, 0, ops) / (double)ops);
	printf("quench is copy_from_user and clear_user as policy ships them: %s (%s)\n",
	       cpu->choice.name, cpu->choice.why);
	printf("medians of %u interleaved rounds ± half the distance of the quartiles; "
	       "* = the best, or within noise of it\n",
	       options->settings.rounds);
}

/* All results, those of one group after the other. */
struct results {
	struct result *list;
	size_t n;
};

static void progress(const struct cell *cell, size_t done, size_t all)
{
	char label[64];
	bool terminal = isatty(STDERR_FILENO);

	if (!terminal && done % 100)
		return;
	cell_label(cell, label, sizeof(label));
	fprintf(stderr, "%scopybench: %s %zu/%zu %-28s%s", terminal ? "\r" : "",
		cell->clear ? "clear" : "copy", done, all, label, terminal ? "" : "\n");
	if (terminal && done + 1 == all)
		fprintf(stderr, "\n");
}

static void measure_kind(bool clear, struct options *options, struct results *results)
{
	struct contestant who[MAX_CONTESTANTS];
	size_t nr = contestants(clear, options->only, who);
	struct cells cells = cells_of(clear, options->quick, &options->sizes);
	size_t from = results->n;

	results->list =
		realloc(results->list, (results->n + cells.n * nr) * sizeof(*results->list));
	if (!results->list)
		abort();
	for (size_t i = 0; i < cells.n; i++) {
		progress(&cells.list[i], i, cells.n);
		results->n += measure(&cells.list[i], who, nr, &options->settings,
				      results->list + results->n);
		bool last = i + 1 == cells.n || cells.list[i + 1].group != cells.list[i].group;

		if (!last || options->gates)
			continue;
		report_tables(stdout, results->list + from, results->n - from, who, nr);
		fflush(stdout);
		from = results->n;
	}
	free(cells.list);
}

static void write_records(const struct options *options, const struct results *results,
			  const struct native_cpu *cpu)
{
	FILE *file = fopen(options->json, "w");

	if (file)
		report_records(file, results->list, results->n, cpu->identity.brand,
			       cpu->choice.name);
	if (!file || ferror(file) || fclose(file)) {
		fprintf(stderr, "copybench: cannot write %s: %s\n", options->json, strerror(errno));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct options options = parse(argc, argv);
	struct results results = { 0 };
	struct native_cpu cpu;
	unsigned failed = 0;

	pin(options.cpu);
	forge(&cpu, options.copy);
	measure_start();
	print_heading(&cpu, &options);
	for (int clear = 0; clear < 2; clear++)
		if (options.kinds[clear])
			measure_kind(clear, &options, &results);
	if (options.gates)
		failed = gates_print(stdout, results.list, results.n, options.simd);
	if (options.json)
		write_records(&options, &results, &cpu);
	free(results.list);
	return options.strict && failed;
}
