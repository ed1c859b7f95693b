/* SPDX-License-Identifier: MIT */
/*
 * Faults at every byte of every variant, at every alignment: a product of some 200 million cases,
 * of which QUENCH_LONG=1 tries all and a run without it a sample, the same one every time. Workers,
 * one for each processor, take the parts of the product from a common counter.
 */
#include "copy_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEED        UINT64_C(0x5155454e4348)
#define ALIGNMENTS  64
#define SHORT_BYTES 320
#define FULL_BYTES  40 /* up to here nothing is left out */
#define MAX_PARTS   256
#define MAX_WORKERS 16

/* Every threshold as played (512), the page size and twice it, each with its neighbours. */
static const size_t long_lengths[] = { 510, 511,  512,  513,  514,  576,  639, 640,
				       641, 4095, 4096, 4097, 8191, 8192, 8193 };

/* The sample: one case in so many. */
enum { ONE_IN_SHORT = 11, ONE_IN_LONG = 97, ONE_IN_GOOD = 9, ONE_IN_WILD = 3 };

static u64 random_state;

/* SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"). */
static u64 next_random(void)
{
	u64 z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool taken(size_t n, unsigned one_in)
{
	return long_form || n <= FULL_BYTES || next_random() % one_in == 0;
}

static u8 *middle(struct area area)
{
	return area.start + PAGE_BYTES;
}

/* The alignment of the side that faults follows from where: all 64 come with every 64 places. */
static void load_faults(const struct copy_variant *v, size_t n, unsigned one_in)
{
	for (size_t good = 0; good < n; good++)
		for (size_t a = 0; a < ALIGNMENTS; a++)
			if (taken(n, one_in))
				check_copy(v->name, v->copy, middle(to_area) + a,
					   from_area.end - good, n);
}

static void store_faults(const struct copy_variant *v, size_t n, unsigned one_in)
{
	for (size_t good = 0; good < n; good++)
		for (size_t a = 0; a < ALIGNMENTS; a++)
			if (taken(n, one_in))
				check_copy(v->name, v->copy, to_area.end - good,
					   middle(from_area) + a, n);
}

static void loads(const void *variant)
{
	for (size_t n = 1; n <= SHORT_BYTES; n++)
		load_faults(variant, n, ONE_IN_SHORT);
}

static void stores(const void *variant)
{
	for (size_t n = 1; n <= SHORT_BYTES; n++)
		store_faults(variant, n, ONE_IN_SHORT);
}

static void long_ones(const void *variant)
{
	for (size_t i = 0; i < ARRAY_SIZE(long_lengths); i++) {
		load_faults(variant, long_lengths[i], ONE_IN_LONG);
		store_faults(variant, long_lengths[i], ONE_IN_LONG);
	}
}

/* Without a threshold loops go on where `rep` took over. */
static void long_loops(const void *variant)
{
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	long_ones(variant);
	play_features(&none, &short_thresholds);
}

static void no_faults(const void *variant)
{
	const struct copy_variant *v = variant;

	for (size_t n = 0; n <= SHORT_BYTES; n++)
		for (size_t to = 0; to < ALIGNMENTS; to++)
			for (size_t from = 0; from < ALIGNMENTS; from++)
				if (taken(n, ONE_IN_GOOD))
					check_copy(v->name, v->copy, middle(to_area) + to,
						   middle(from_area) + from, n);
}

static void both_sides(const void *variant)
{
	const struct copy_variant *v = variant;

	for (size_t n = 1; n <= SHORT_BYTES; n++)
		for (size_t load = 0; load <= n; load++)
			for (size_t store = load % 3; store <= n; store += 3)
				if (taken(n, ONE_IN_SHORT * 3))
					check_copy(v->name, v->copy, to_area.end - store,
						   from_area.end - load, n);
}

/* Inside the hole of non-canonical addresses, where the processor raises #GP; its first and last
 * addresses, of which an access may reach beyond. */
static const u64 holes[] = {
	UINT64_C(0x0000800000000000),
	UINT64_C(0x0000ffffffffffc0),
	UINT64_C(0x8000000000000000),
	UINT64_C(0xffff7fffffffff80),
};

static void general_protections(const void *variant)
{
	const struct copy_variant *v = variant;
	const u64 before = fault_counts.general_protections;

	for (size_t i = 0; i < ARRAY_SIZE(holes); i++)
		for (size_t a = 0; a < ALIGNMENTS; a++)
			for (size_t n = 1; n <= SHORT_BYTES; n++) {
				u8 *wild = (u8 *)(holes[i] + a);

				if (!taken(n, ONE_IN_WILD))
					continue;
				check_nothing_copied(v->name, v->copy, wild,
						     middle(from_area) + n % 64, n);
				check_nothing_copied(v->name, v->copy, middle(to_area) + n % 64,
						     wild, n);
			}
	if (fault_counts.general_protections == before)
		wrong("%s: no general protection fault came", v->name);
}

static void clear_faults(const struct clear_variant *v, size_t n)
{
	for (size_t good = 0; good < n; good++)
		check_clear(v->name, v->clear, to_area.end - good, n);
	for (size_t a = 0; a < ALIGNMENTS; a++)
		check_clear(v->name, v->clear, middle(to_area) + a, n);
}

static void clears(const void *variant)
{
	for (size_t n = 0; n <= SHORT_BYTES; n++)
		clear_faults(variant, n);
	for (size_t i = 0; i < ARRAY_SIZE(long_lengths); i++)
		clear_faults(variant, long_lengths[i]);
}

static void clears_in_loops(const void *variant)
{
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	for (size_t i = 0; i < ARRAY_SIZE(long_lengths); i++)
		clear_faults(variant, long_lengths[i]);
	play_features(&none, &short_thresholds);
}

static const struct kind {
	const char *name;
	void (*run)(const void *variant);
	bool clear;
} kinds[] = {
	{ "load faults", loads, false },
	{ "store faults", stores, false },
	{ "a fault on either side", both_sides, false },
	{ "long copies", long_ones, false },
	{ "long copies in loops", long_loops, false },
	{ "no fault", no_faults, false },
	{ "general protection faults", general_protections, false },
	{ "clear", clears, true },
	{ "clear in loops", clears_in_loops, true },
};

/* What a worker takes at a time, and what became of it. */
static struct part {
	const struct kind *kind;
	const char *variant;
	const void *row;
} parts[MAX_PARTS];
static size_t nr_parts;
static struct shared {
	u64 next;
	u64 cases[MAX_PARTS];
	bool passed[MAX_PARTS];
} * shared;

static void add_part(const struct kind *kind, const char *variant, const void *row)
{
	if (!variant_runs(variant))
		return;
	if (nr_parts == MAX_PARTS)
		abort();
	parts[nr_parts++] = (struct part){ kind, variant, row };
}

static void list_parts(void)
{
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (size_t v = 0; !kinds[k].clear && v < nr_copy_variants; v++)
			add_part(&kinds[k], copy_variants[v].name, &copy_variants[v]);
		for (size_t v = 0; kinds[k].clear && v < nr_clear_variants; v++)
			add_part(&kinds[k], clear_variants[v].name, &clear_variants[v]);
	}
}

/* A wrong case ends the worker; the parts it had not passed are then seen to be missing. */
static __noreturn void work(void)
{
	cases_prepare();
	fault_harness_start();
	for (;;) {
		const u64 i = __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);
		const u64 before = cases_made();

		if (i >= nr_parts)
			break;
		random_state = SEED + i;
		parts[i].kind->run(parts[i].row);
		shared->cases[i] = cases_made() - before;
		shared->passed[i] = source_intact();
	}
	_exit(0);
}

static long count_workers(void)
{
	const long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MAX_WORKERS ? MAX_WORKERS : n;
}

static bool run_workers(void)
{
	const long workers = count_workers();
	bool well = true;
	int status;

	for (long w = 0; w < workers; w++) {
		const pid_t pid = fork();

		if (pid < 0)
			perror("fork");
		if (!pid)
			work();
		well = well && pid > 0;
	}
	while (wait(&status) > 0)
		well = well && WIFEXITED(status) && !WEXITSTATUS(status);
	return well;
}

#define LEAST_CASES 10000000

int main(void)
{
	u64 cases = 0;
	bool well;

	setenv("QUENCH_FAIL_FAST", "1", 1);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	list_parts();
	well = run_workers();
	for (size_t i = 0; i < nr_parts; i++) {
		printf("%sok %zu - %s: %s, %llu cases\n", shared->passed[i] ? "" : "not ", i + 1,
		       parts[i].variant, parts[i].kind->name, (unsigned long long)shared->cases[i]);
		cases += shared->cases[i];
		well = well && shared->passed[i];
	}
	printf("%sok %zu - %llu cases, at least %d\n", cases >= LEAST_CASES ? "" : "not ",
	       nr_parts + 1, (unsigned long long)cases, LEAST_CASES);
	printf("1..%zu\n", nr_parts + 1);
	return well && cases >= LEAST_CASES ? 0 : 1;
}
