/* SPDX-License-Identifier: MIT */
/*
 * measure KERNEL DUMP: how long planning, writing, resolving and looking up take on this machine,
 * by the kernel's own PURE code, for the processor of a `cpuid -r` dump: for the first ten records
 * and entries, the first hundred, and so on to all. One JSON object a line. docs/scale.md.
 */
#include "../whatif/forge.h"
#include "../whatif/json.h"
#include "../whatif/processor.h"
#include "clock.h"
#include "lookup.h"

#include <kernel/alternatives/record.h>

#include <stdlib.h>
#include <string.h>

#define ROUNDS 5

struct times {
	double plan[ROUNDS], write[ROUNDS], resolve[ROUNDS], shuffled[ROUNDS];
};

static struct extable_entry *table_of(const struct forge *forge)
{
	return (void *)forge_at(forge, forge->forged, forge->image.extable.start);
}

static size_t nr_entries_of(const struct forge *forge)
{
	return (forge->image.extable.end - forge->image.extable.start) /
	       sizeof(struct extable_entry);
}

static void write_site(void *site, const u8 *bytes, size_t n)
{
	memcpy(site, bytes, n);
}

/* What fits the place of entry a at that of entry b, and the other way round. */
static void exchange(struct extable_entry *a, struct extable_entry *b)
{
	s32 distance = (s32)((uintptr_t)b - (uintptr_t)a);
	struct extable_entry kept = *a;

	if (a == b)
		return;
	*a = (struct extable_entry){ b->insn + distance, b->fixup + distance, b->type };
	*b = (struct extable_entry){ kept.insn - distance, kept.fixup - distance, kept.type };
}

/* No linker leaves a table like this. */
static void shuffle(struct extable_entry *table, size_t n)
{
	u64 state = 88172645463325252;

	for (size_t i = n; i-- > 1;) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		exchange(&table[i], &table[state % (i + 1)]);
	}
}

/* The first n entries, by the moves of the whole plan; what remains of them in *left. */
static bool resolve(struct forge *forge, size_t n, bool shuffled, double *ns, size_t *left)
{
	struct extable_counts counts;
	struct extable_problem problem;
	u64 begun;
	int error;

	memcpy(forge->forged, forge->linked, forge->bytes);
	if (shuffled)
		shuffle(table_of(forge), n);
	begun = clock_ns();
	error = extable_resolve(table_of(forge), n, forge->plan.moves, forge->plan.nr_moves,
				&counts, &problem);
	*ns = (double)(clock_ns() - begun);
	*left = counts.entries;
	if (error)
		fprintf(stderr, "stress: %s\n", problem.why);
	return !error;
}

/* The image of about the first n records: blocks are not torn apart. */
static struct alt_image first_records(struct alt_image image, size_t n)
{
	while (n < image.nr_entries && (image.entries[n - 1].depth ||
					alt_same_site(&image.entries[n - 1], &image.entries[n])))
		n++;
	image.nr_entries = n < image.nr_entries ? n : image.nr_entries;
	return image;
}

static bool patch(struct forge *forge, const struct alt_image *image, struct times *times,
		  size_t round)
{
	struct alt_problem problem;
	u64 begun, planned;

	memcpy(forge->forged, forge->linked, forge->bytes);
	begun = clock_ns();
	if (alt_plan_make(image, &forge->plan, &problem)) {
		fprintf(stderr, "stress: %s\n", problem.why);
		return false;
	}
	planned = clock_ns();
	alt_plan_write(image, &forge->plan, write_site);
	times->write[round] = (double)(clock_ns() - planned);
	times->plan[round] = (double)(planned - begun);
	return true;
}

static void print_ns(struct json *json, const char *key, double ns)
{
	json_number(json, key, (u64)(ns + 0.5));
}

/* One line; the digest is that of the whole. */
static void print(size_t sites, size_t entries, struct times *times,
		  const struct lookup_result *way, const char *digest)
{
	struct json json = { stdout, false };

	json_open(&json, NULL, '{');
	json_number(&json, "sites", sites);
	json_number(&json, "entries", entries);
	print_ns(&json, "plan_ns", clock_median(times->plan, ROUNDS));
	print_ns(&json, "write_ns", clock_median(times->write, ROUNDS));
	print_ns(&json, "resolve_ns", clock_median(times->resolve, ROUNDS));
	print_ns(&json, "shuffled_ns", clock_median(times->shuffled, ROUNDS));
	json_number(&json, "looks", way->looks);
	json_number(&json, "index_looks", way->index_looks);
	json_number(&json, "index_sum", way->index_sum);
	json_open(&json, "lookup_ps", '{');
	for (unsigned i = 0; i < NR_LOOKUPS; i++)
		print_ns(&json, lookup_name(i), way->ns[i] * 1000);
	json_close(&json, '}');
	json_text(&json, "text_sha256", digest);
	json_close(&json, '}');
	json_end(&json);
}

/* The first records and entries, so many; all the plan is there for the moves. */
static bool measure(struct forge *forge, const struct alt_image *whole, size_t records,
		    size_t entries, const char *digest)
{
	static struct times times;
	const struct alt_image image = first_records(*whole, records);
	const struct extable_entry *table = table_of(forge);
	struct lookup_result ways;
	size_t sites, left = 0;

	for (size_t round = 0; round < ROUNDS; round++)
		if (!patch(forge, &image, &times, round))
			return false;
	sites = forge->plan.nr_sites;
	memcpy(forge->forged, forge->linked, forge->bytes);
	if (alt_plan_make(whole, &forge->plan, &(struct alt_problem){ 0 }))
		return false;
	for (size_t round = 0; round < ROUNDS; round++)
		if (!resolve(forge, entries, true, &times.shuffled[round], &left) ||
		    !resolve(forge, entries, false, &times.resolve[round], &left))
			return false;
	if (!lookup_measure(table, left, extable_insn_of(table),
			    extable_insn_of(&table[left - 1]) + 1, &ways))
		return false;
	print(sites, left, &times, &ways, digest);
	return true;
}

/* From ten records and entries to all there are. */
static bool measure_curve(struct forge *forge, const struct cpu_verdict *verdict)
{
	const struct alt_image whole = forge_image(forge, forge->forged, &verdict->features);
	size_t records = whole.nr_entries, entries = nr_entries_of(forge);
	struct forging result;
	char error[256];

	if (!forge_text(forge, &verdict->features, verdict->constants, &result, error,
			sizeof(error))) {
		fprintf(stderr, "stress: %s\n", error);
		return false;
	}
	memcpy(forge->forged, forge->linked, forge->bytes);
	for (size_t n = 10; n < entries; n *= 10)
		if (!measure(forge, &whole, n < records ? n : records, n, result.digest))
			return false;
	return measure(forge, &whole, records, entries, result.digest);
}

int main(int argc, char **argv)
{
	static struct processor processor;
	static struct forge forge;
	struct cpu_verdict verdict;
	char error[512];

	if (argc != 3) {
		fputs("usage: measure KERNEL DUMP\n", stderr);
		return 2;
	}
	if (!processor_read(&processor, argv[2], error, sizeof(error)) ||
	    processor_settle(&processor, NULL, NULL, &verdict, error, sizeof(error))) {
		fprintf(stderr, "stress: %s\n", error);
		return 1;
	}
	if (!forge_open(&forge, argv[1]))
		return 1;
	return measure_curve(&forge, &verdict) ? 0 : 1;
}
