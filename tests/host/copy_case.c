/* SPDX-License-Identifier: MIT */
/* One user copy or clear, held against everything its contract says. */
#include "copy_case.h"

#include "this_processor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define AREA_PAGES 4
#define CANARY     0xa5 /* no byte of the source is it, nor zero */

struct area to_area, from_area;
bool long_form;
struct call_outcome last_outcome;

static u8 canaries[RED_ZONE_BYTES + AREA_PAGES * PAGE_BYTES];
static const u8 zeroes[AREA_PAGES * PAGE_BYTES];
static u64 nr_cases;
static struct timespec began;

/* A byte in 1..127 that differs from its neighbours and from those a word or a line away. */
static u8 source_byte(size_t i)
{
	return (u8)(1 + (i * 37 + i / 64 * 11 + i / 4096) % 127);
}

const struct copy_thresholds short_thresholds = { 512, 512, 512 }, no_thresholds;

void play_features(const struct feature_set *set, const struct copy_thresholds *thresholds)
{
	const struct copy_choice choice = { .thresholds = *thresholds };
	u64 constants[NR_ALT_CONSTANTS];

	cpu_constants(&choice, constants);
	play_alternatives(set, constants);
}

static u8 widest_vectors(void)
{
	if (feature_test(this_processor(), FEATURE_AVX512BW))
		return CALL_CHECKED_AVX512;
	return feature_test(this_processor(), FEATURE_AVX) ? CALL_CHECKED_AVX : CALL_CHECKED_SSE;
}

/* What is not the name of a copy variant has no needs. */
bool variant_runs(const char *name)
{
	for (size_t v = 0; v < nr_copy_variants; v++)
		if (!strcmp(copy_variants[v].name, name))
			return copy_variant_lacks(this_processor(), copy_variants[v].feature) < 0;
	return true;
}

void cases_prepare(void)
{
	const struct feature_set none = { 0 };

	call_checked_vectors = widest_vectors();
	play_features(&none, &short_thresholds);
	long_form = getenv("QUENCH_LONG") != NULL;
	to_area = area_create(AREA_PAGES);
	from_area = area_create(AREA_PAGES);
	memset(canaries, CANARY, sizeof(canaries));
	for (size_t i = 0; from_area.start + i < from_area.end; i++)
		from_area.start[i] = source_byte(i);
	clock_gettime(CLOCK_MONOTONIC, &began);
}

u64 cases_made(void)
{
	return nr_cases;
}

bool source_intact(void)
{
	for (size_t i = 0; from_area.start + i < from_area.end; i++)
		if (from_area.start[i] != source_byte(i))
			return false;
	return true;
}

static int cases_begin(void **state)
{
	cases_prepare();
	return 0;
}

static int cases_end(void **state)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(stderr, "# %llu cases, %llu page faults, %llu general protection faults, %.1f s\n",
		(unsigned long long)nr_cases, (unsigned long long)fault_counts.page_faults,
		(unsigned long long)fault_counts.general_protections,
		(double)(now.tv_sec - began.tv_sec) + (double)(now.tv_nsec - began.tv_nsec) / 1e9);
	return source_intact() ? 0 : -1;
}

void wrong(const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (getenv("QUENCH_FAIL_FAST")) {
		fprintf(stderr, "%s\n", text);
		_exit(1);
	}
	fail_msg("%s", text);
}

/* A call in progress: what it was, for the message, and what its destination must look like. */
struct call {
	const char *who;
	u8 *to;
	const u8 *from;
	size_t n;
	u8 *red_start, *red_end; /* what is known of memory around `to` */
};

static void wrong_in(const struct call *call, const char *what, size_t got, size_t expected)
{
	wrong("%s to %zd before the end of its area (mod 64: %zu), from %zd (mod 64: %zu), "
	      "%zu bytes: %s is %zu, not %zu",
	      call->who, to_area.end - call->to, (size_t)call->to % 64,
	      call->from ? from_area.end - call->from : 0, (size_t)call->from % 64, call->n, what,
	      got, expected);
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void prepare(struct call *call)
{
	const size_t before = (size_t)(call->to - to_area.start);
	const size_t after = (size_t)(to_area.end - call->to);

	call->red_start = call->to - min_size(before, RED_ZONE_BYTES);
	call->red_end = call->to + min_size(after, call->n + RED_ZONE_BYTES);
	memset(call->red_start, CANARY, (size_t)(call->red_end - call->red_start));
	nr_cases++;
}

/* What a call left that it must not leave, NULL when nothing. */
static const char *broken_state(const struct call_outcome *outcome)
{
	if (outcome->flags & RFLAGS_AC)
		return "AC";
	if (outcome->flags & RFLAGS_DF)
		return "DF";
	if (outcome->clobbered)
		return "a preserved register's change";
	if (outcome->vectors)
		return "a vector or mask register's change";
	if (fault_window_open)
		return "AC, as SMAP is played,";
	if (fault_counts.faults_window_closed)
		return "a fault with AC clear";
	if (fault_counts.window_reopened)
		return "stac with AC set";
	return NULL;
}

static void check_state(const struct call *call, const struct call_outcome *outcome)
{
	const char *broken = broken_state(outcome);

	if (broken)
		wrong_in(call, broken, 1, 0);
}

u64 call_user(const char *who, const void *fn, u64 a, u64 b, u64 c)
{
	const u64 result = call_checked(fn, a, b, c, &last_outcome);
	const char *broken = broken_state(&last_outcome);

	nr_cases++;
	if (broken)
		wrong("%s(%#llx, %#llx, %#llx) left %s", who, (unsigned long long)a,
		      (unsigned long long)b, (unsigned long long)c, broken);
	return result;
}

/* `done` bytes as in `expected`, then up to `zeroed` zeroes, around them nothing. */
static void check_memory(const struct call *call, const u8 *expected, size_t done, size_t zeroed)
{
	const u8 *after = call->to + done + zeroed;

	if (memcmp(call->to, expected, done))
		wrong_in(call, "the copy equal", 0, 1);
	if (zeroed && memcmp(call->to + done, zeroes, zeroed))
		wrong_in(call, "the rest zero", 0, 1);
	if (memcmp(call->red_start, canaries, (size_t)(call->to - call->red_start)))
		wrong_in(call, "memory before untouched", 0, 1);
	if (memcmp(after, canaries, (size_t)(call->red_end - after)))
		wrong_in(call, "memory behind untouched", 0, 1);
}

static size_t can_be_copied(const struct call *call)
{
	const size_t readable = (size_t)(from_area.end - call->from);
	const size_t writable = (size_t)(to_area.end - call->to);

	return min_size(call->n, min_size(readable, writable));
}

void check_nothing_copied(const char *who, copy_user_fn copy, u8 *to, const u8 *from, size_t n)
{
	const bool wild_source = to >= to_area.start && to < to_area.end;
	struct call call = { who, wild_source ? to : to_area.start, NULL, n, NULL, NULL };
	struct call_outcome outcome;
	size_t left;

	prepare(&call);
	left = call_checked((const void *)copy, (u64)to, (u64)from, n, &outcome);
	if (left != n)
		wrong_in(&call, "bytes left", left, n);
	check_state(&call, &outcome);
	check_memory(&call, zeroes, 0, 0);
}

void check_copy(const char *who, copy_user_fn copy, u8 *to, const u8 *from, size_t n)
{
	struct call call = { who, to, from, n, NULL, NULL };
	const size_t expected = can_be_copied(&call);
	struct call_outcome outcome;
	size_t left;

	prepare(&call);
	left = call_checked((const void *)copy, (u64)to, (u64)from, n, &outcome);
	if (left != n - expected)
		wrong_in(&call, "bytes left", left, n - expected);
	check_state(&call, &outcome);
	check_memory(&call, from, expected, 0);
}

void check_from_user(const char *who, copy_user_fn copy, u8 *to, const u8 *from, size_t n)
{
	struct call call = { who, to, from, n, NULL, NULL };
	const size_t expected = can_be_copied(&call);
	struct call_outcome outcome;
	size_t left;

	prepare(&call);
	left = call_checked((const void *)copy, (u64)to, (u64)from, n, &outcome);
	if (left != n - expected)
		wrong_in(&call, "bytes left", left, n - expected);
	check_state(&call, &outcome);
	check_memory(&call, from, expected, n - expected);
}

void check_clear(const char *who, clear_user_fn clear, u8 *to, size_t n)
{
	struct call call = { who, to, NULL, n, NULL, NULL };
	const size_t expected = min_size(n, (size_t)(to_area.end - to));
	struct call_outcome outcome;
	size_t left;

	prepare(&call);
	left = call_checked((const void *)clear, (u64)to, n, 0, &outcome);
	if (left != n - expected)
		wrong_in(&call, "bytes left", left, n - expected);
	check_state(&call, &outcome);
	check_memory(&call, zeroes, expected, 0);
}

void check_nothing_cleared(const char *who, clear_user_fn clear, u8 *to, size_t n)
{
	struct call call = { who, to_area.start, NULL, n, NULL, NULL };
	struct call_outcome outcome;
	size_t left;

	nr_cases++;
	left = call_checked((const void *)clear, (u64)to, n, 0, &outcome);
	if (left != n)
		wrong_in(&call, "bytes left", left, n);
	check_state(&call, &outcome);
}

#define MAX_TESTS 256
static struct CMUnitTest tests[MAX_TESTS];
static struct planned_test {
	char name[96];
	void (*run)(void **state);
	const void *state;
} planned[MAX_TESTS];
static size_t nr_tests;

static void run_planned(void **state)
{
	const struct planned_test *test = *state;
	void *inner = (void *)test->state;

	fault_harness_start();
	test->run(&inner);
}

void add_test(const char *variant, const char *name, void (*run)(void **state), const void *state)
{
	struct planned_test *test = &planned[nr_tests];

	if (!variant_runs(variant))
		return;
	if (nr_tests == MAX_TESTS)
		abort();
	*test = (struct planned_test){ .run = run, .state = state };
	snprintf(test->name, sizeof(test->name), "%s: %s", variant, name);
	tests[nr_tests++] = (struct CMUnitTest){ .name = test->name,
						 .test_func = run_planned,
						 .initial_state = test };
}

int run_added_tests(const char *group)
{
	if (getenv("QUENCH_TESTS"))
		cmocka_set_test_filter(getenv("QUENCH_TESTS"));
	return _cmocka_run_group_tests(group, tests, nr_tests, cases_begin, cases_end);
}
