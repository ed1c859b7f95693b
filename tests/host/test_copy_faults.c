/* SPDX-License-Identifier: MIT */
/*
 * Faults at every byte of every variant and entry point, at every alignment: a product of some 600
 * million cases, of which QUENCH_LONG=1 tries all and a run without it a sample, the same one every
 * time. Workers, one for each processor, take the parts of the product from a common counter.
 * QUENCH_TESTS runs those parts whose name it matches.
 */
#include "copy_faults.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEED        UINT64_C(0x5155454e4348)
#define MAX_PARTS   512
#define MAX_WORKERS 16

/* What a worker takes at a time, and what became of it. */
static struct part {
	char name[96];
	const struct fault_kind *kind;
	const void *row;
	u64 seed;
} parts[MAX_PARTS];
static size_t nr_parts;
static struct shared {
	u64 next;
	u64 cases[MAX_PARTS];
	bool passed[MAX_PARTS];
} * shared;

static void add_part(const struct fault_kind *kind, const char *variant, const void *row)
{
	static u64 seed = SEED;
	const char *wanted = getenv("QUENCH_TESTS");
	struct part *part = &parts[nr_parts];

	seed++;
	if (!variant_runs(variant))
		return;
	if (nr_parts == MAX_PARTS)
		abort();
	*part = (struct part){ .kind = kind, .row = row, .seed = seed };
	snprintf(part->name, sizeof(part->name), "%s: %s", variant, kind->name);
	if (!wanted || !fnmatch(wanted, part->name, 0))
		nr_parts++;
}

static void list_parts(const struct fault_kind *kind)
{
	for (; kind->name; kind++) {
		for (size_t v = 0; kind->subject == EACH_COPY && v < nr_copy_variants; v++)
			add_part(kind, copy_variants[v].name, &copy_variants[v]);
		for (size_t v = 0; kind->subject == EACH_CLEAR && v < nr_clear_variants; v++)
			add_part(kind, clear_variants[v].name, &clear_variants[v]);
		if (kind->subject == ONCE)
			add_part(kind, "entries", NULL);
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
		faults_seed(parts[i].seed);
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

static u64 report_parts(bool *well)
{
	u64 cases = 0;

	for (size_t i = 0; i < nr_parts; i++) {
		printf("%sok %zu - %s, %llu cases\n", shared->passed[i] ? "" : "not ", i + 1,
		       parts[i].name, (unsigned long long)shared->cases[i]);
		cases += shared->cases[i];
		*well = *well && shared->passed[i];
	}
	return cases;
}

#define LEAST_CASES 10000000

int main(void)
{
	bool well, enough;
	u64 cases;

	setenv("QUENCH_FAIL_FAST", "1", 1);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return 1;
	list_parts(faults_of_variants);
	list_parts(faults_of_entries);
	well = nr_parts && run_workers();
	cases = report_parts(&well);
	enough = cases >= LEAST_CASES || getenv("QUENCH_TESTS");
	printf("%sok %zu - %llu cases, at least %d\n", enough ? "" : "not ", nr_parts + 1,
	       (unsigned long long)cases, LEAST_CASES);
	printf("1..%zu\n", nr_parts + 1);
	return well && enough ? 0 : 1;
}
