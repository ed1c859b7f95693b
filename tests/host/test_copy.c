/* SPDX-License-Identifier: MIT */
/*
 * Every variant of the user copies and of clear_user: lengths, alignments, and a fault at every
 * byte, on the load and on the store. QUENCH_LONG=1 tries all alignments 0 to 63 with all of them.
 */
#include "call_aligned.h"
#include "copy_case.h"

#include <x86/user_copy.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* Longer than the unrolled blocks; then lengths around the threshold, 512, and blocks. */
#define MAX_BYTES 320
static size_t next_length(size_t n)
{
	if (n < MAX_BYTES || (n >= 510 && n < 514))
		return n + 1;
	return n == MAX_BYTES ? 510 : n + 63;
}
#define LONGEST_BYTES 641

/* Up to here every alignment of the side that does not fault is tried with every fault. */
#define ALL_ALIGNMENTS_BYTES 72

#define BEYOND_32_BITS       0x100000005
#define BEYOND_ALL           (SIZE_MAX - 1000)

static size_t alignments(void)
{
	return long_form ? 64 : 16;
}

static void copies_every_length_and_alignment(void **state)
{
	const struct copy_variant *v = *state;

	for (size_t n = 0; n < LONGEST_BYTES; n = next_length(n))
		for (size_t to = 0; to < alignments(); to++)
			for (size_t from = 0; from < alignments(); from++)
				check_copy(v->name, v->copy, middle(to_area) + to,
					   middle(from_area) + from, n);
}

static u64 nr_faults(void)
{
	return fault_counts.page_faults + fault_counts.general_protections;
}

/* Up to the last byte before an absent page, and from the first behind one, without a fault. */
static void touches_nothing_outside(void **state)
{
	const struct copy_variant *v = *state;
	const u64 before = nr_faults();

	for (size_t n = 0; n < LONGEST_BYTES; n = next_length(n)) {
		check_copy(v->name, v->copy, to_area.end - n, from_area.end - n, n);
		check_copy(v->name, v->copy, to_area.start, from_area.start, n);
		if (nr_faults() != before)
			wrong("%s: %zu bytes: touches what is not its own", v->name, n);
	}
}

/* A length is 64 bits. */
static void counts_beyond_32_bits(void **state)
{
	const struct copy_variant *v = *state;

	for (size_t good = 0; good < 600; good += 1 + good / 8) {
		check_copy(v->name, v->copy, to_area.end - good, from_area.start, BEYOND_32_BITS);
		check_copy(v->name, v->copy, to_area.start, from_area.end - good, BEYOND_32_BITS);
	}
}

/* Whether a string instruction meets the last of n bytes, which is absent. */
static bool ends_by_string(const struct copy_variant *v, u8 *to, const u8 *from, size_t n)
{
	const u64 before = fault_counts.string_faults;

	assert_int_equal(v->copy(to, from, n), 1);
	return fault_counts.string_faults != before;
}

static const struct copy_variant *named(const char *name)
{
	const struct copy_variant *v = copy_variants;

	while (strcmp(v->name, name))
		v++;
	return v;
}

/* The short thresholds of the tests are at 512. */
static void takes_string_moves_from_the_threshold_on(void **state)
{
	static const char *const names[] = { "erms", "overlap", "sse", "masked" };
	const u8 *from = from_area.end;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!variant_runs(names[i]))
			continue;
		assert_false(ends_by_string(named(names[i]), to_area.start, from - 510, 511));
		assert_true(ends_by_string(named(names[i]), to_area.start, from - 511, 512));
	}
	assert_true(ends_by_string(named("streaming"), to_area.start, from - 510, 511));
	assert_false(ends_by_string(named("streaming"), to_area.start, from - 511, 512));
}

/* Where (to - from) mod 4096 is d. */
static u8 *place_above(const u8 *from, size_t d)
{
	return to_area.start + ((size_t)from - (size_t)to_area.start + d) % PAGE_BYTES;
}

/* Whether a string instruction meets the last quad of n bytes, which is absent. */
static bool copies_by_string(const struct copy_variant *v, size_t d, size_t n)
{
	const u64 before = fault_counts.string_faults;
	const u8 *from = from_area.end - n + 8;

	assert_int_equal(v->copy(place_above(from, d), from, n), 8);
	return fault_counts.string_faults != before;
}

static bool clears_by_string(size_t n)
{
	const u64 before = fault_counts.string_faults;

	assert_int_equal(clear_user_unaligned(to_area.end - n + 8, n), 8);
	return fault_counts.string_faults != before;
}

/* From 512 bytes on, between places alike modulo 8 and nowhere else, and not on the cliff. */
static void takes_quads_where_both_sides_are_aligned(void **state)
{
	struct feature_set cliff = { 0 };

	feature_add(&cliff, FEATURE_REP_MOVS_CLIFF);
	for (size_t i = 1; i <= 2; i++) {
		const struct copy_variant *v = &copy_variants[i];

		assert_false(copies_by_string(v, 2048, 511));
		assert_true(copies_by_string(v, 2048, 512));
		for (size_t d = 0; d < 40; d++)
			assert_int_equal(copies_by_string(v, d, 600), d % 8 == 0);
		play_features(&cliff, &short_thresholds);
		for (size_t d = 0; d < 64; d++)
			assert_int_equal(copies_by_string(v, d, 600),
					 d % 8 == 0 && (d == 0 || d > 32));
		play_features(&(struct feature_set){ 0 }, &short_thresholds);
	}
	assert_false(clears_by_string(511));
	assert_true(clears_by_string(512));
}

/* (to - from) mod 4096 from 1 to 32 is not for string moves. */
static void goes_round_the_cliff(void **state)
{
	static const char *const names[] = { "sse", "overlap", "masked" };
	const u8 *from = from_area.end;
	struct feature_set cliff = { 0 };

	for (size_t d = 0; d < PAGE_BYTES; d++)
		assert_int_equal(
			ends_by_string(named("guarded"), place_above(from - 99, d), from - 99, 100),
			d < 1 || d > 32);
	feature_add(&cliff, FEATURE_REP_MOVS_CLIFF);
	play_features(&cliff, &short_thresholds);
	for (size_t d = 0; d < PAGE_BYTES; d += d < 40 ? 1 : 37)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (variant_runs(names[i]))
				assert_int_equal(ends_by_string(named(names[i]),
								place_above(from - 599, d),
								from - 599, 600),
						 d < 1 || d > 32);
	play_features(&(struct feature_set){ 0 }, &short_thresholds);
}

/* The whole grid of lengths 1 to 8191 is 2.1 million cases; by default every 61st length. */
static void copies_pages(void **state)
{
	const struct copy_variant *v = *state;

	for (size_t n = 1; n <= 8191; n += long_form ? 1 : 61)
		for (size_t to = 0; to < 16; to++)
			for (size_t from = 0; from < 16; from++)
				check_copy(v->name, v->copy, middle(to_area) + to,
					   middle(from_area) + from, n);
}

/* Long copies take two alignments with each place of the fault, others with the next place. */
static size_t first_alignment(size_t n, size_t good, size_t *step)
{
	const bool all = long_form || n <= ALL_ALIGNMENTS_BYTES;

	*step = all ? 1 : 9;
	return all ? 0 : (n + good * 2) % 9;
}

static void counts_every_load_fault(void **state)
{
	const struct copy_variant *v = *state;
	size_t step;

	for (size_t n = 1; n < LONGEST_BYTES; n = next_length(n))
		for (size_t good = 0; good < n; good++)
			for (size_t a = first_alignment(n, good, &step); a < alignments();
			     a += step)
				check_copy(v->name, v->copy, middle(to_area) + a,
					   from_area.end - good, n);
}

static void counts_every_store_fault(void **state)
{
	const struct copy_variant *v = *state;
	size_t step;

	for (size_t n = 1; n < LONGEST_BYTES; n = next_length(n))
		for (size_t good = 0; good < n; good++)
			for (size_t a = first_alignment(n, good, &step); a < alignments();
			     a += step)
				check_copy(v->name, v->copy, to_area.end - good,
					   middle(from_area) + a, n);
}

/* In a kernel programs lie below it. */
static void counts_faults_below_the_source(void **state)
{
	const struct copy_variant *v = *state;
	const struct area above = to_area;
	static struct area below;

	for (size_t tries = 0; !below.start || (below.start > from_area.start && tries < 8);
	     tries++)
		below = area_create((size_t)(above.end - above.start) / PAGE_BYTES);
	to_area = below;
	for (size_t n = 1; n <= 130; n++)
		for (size_t good = 0; good < n; good++) {
			const size_t a = (n + good * 5) % 64;

			check_copy(v->name, v->copy, to_area.end - good, middle(from_area) + a, n);
			check_copy(v->name, v->copy, middle(to_area) + a, from_area.end - good, n);
		}
	to_area = above;
}

/* Without a threshold the loops of long copies go on where `rep` took over. */
static void counts_faults_in_long_loops(void **state)
{
	const struct copy_variant *v = *state;
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	for (size_t n = 500; n < 1200; n += long_form ? 1 : 67)
		for (size_t good = 0; good < n; good++) {
			const size_t a = (n + good * 5) % 64;

			check_copy(v->name, v->copy, to_area.end - good, middle(from_area) + a, n);
			check_copy(v->name, v->copy, middle(to_area) + a, from_area.end - good, n);
		}
	play_features(&none, &short_thresholds);
}

/* The same at every length and place in a line, without a fault. */
static void copies_pages_in_loops(void **state)
{
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	copies_pages(state);
	play_features(&none, &short_thresholds);
}

static void counts_the_earlier_of_two_faults(void **state)
{
	const struct copy_variant *v = *state;

	for (size_t n = 1; n < LONGEST_BYTES; n += n < 40 ? 1 : 13)
		for (size_t load = 0; load < n; load += 1 + n / 40)
			for (size_t store = 0; store < n; store += 1 + n / 40)
				check_copy(v->name, v->copy, to_area.end - store,
					   from_area.end - load, n);
}

/* Lengths 0 to 16 in the last 16 bytes before a page's end, of one side or of both. */
static void leaves_at_page_ends_what_a_byte_copy_leaves(void **state)
{
	const struct copy_variant *v = *state;

	for (size_t to = 0; to < 16; to++)
		for (size_t from = 0; from < 16; from++)
			for (size_t n = 0; n <= 16; n++) {
				u8 *to_end = to_area.end - 16 + to;
				u8 *from_end = from_area.end - 16 + from;

				check_copy(v->name, v->copy, to_end, from_end, n);
				check_copy(v->name, v->copy, to_end, middle(from_area) + from, n);
				check_copy(v->name, v->copy, middle(to_area) + to, from_end, n);
			}
}

static size_t copy_with_hole(copy_user_fn copy, u8 *hole, u8 *to, const u8 *from, size_t n)
{
	size_t left;

	assert_int_equal(mprotect(hole, PAGE_BYTES, PROT_NONE), 0);
	left = copy(to, from, n);
	assert_int_equal(mprotect(hole, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
	return left;
}

/* A page is missing in the middle: nothing behind it is reached. */
static void stops_at_a_hole(void **state)
{
	static const u8 zero_page[PAGE_BYTES];
	const struct copy_variant *v = *state;
	u8 *hole = to_area.start + 2 * PAGE_BYTES;
	u8 *behind = hole + PAGE_BYTES;

	for (size_t good = 0; good <= 200; good++) {
		const size_t n = good + PAGE_BYTES + 100;

		memset(behind, 0, PAGE_BYTES);
		if (copy_with_hole(v->copy, hole, hole - good, from_area.start, n) != n - good)
			wrong("%s: wrong count at a hole in the destination", v->name);
		if (memcmp(behind, zero_page, PAGE_BYTES))
			wrong("%s: wrote behind a hole", v->name);
		hole = from_area.start + 2 * PAGE_BYTES;
		if (copy_with_hole(v->copy, hole, middle(to_area), hole - good, n) != n - good)
			wrong("%s: wrong count at a hole in the source", v->name);
		hole = to_area.start + 2 * PAGE_BYTES;
	}
}

/* Around both ends of the hole of non-canonical addresses, where a general protection fault comes
 * in place of a page fault; and at the ends of everything. Nothing is mapped at any of these. */
static const u64 wild_addresses[] = {
	0,
	UINT64_C(0x00007ffffffff000),
	UINT64_C(0x0000800000000000),
	UINT64_C(0x0100000000000000),
	UINT64_C(0x8000000000000000),
	UINT64_C(0xfeffffffffffffff),
	UINT64_C(0xffff800000000000),
	UINT64_C(0xffffffff80000000),
	UINT64_C(0xffffffffffffffff),
};

static void expect_all_left(const struct copy_variant *v, u64 to, u64 from, size_t n)
{
	if (v->copy((void *)to, (const void *)from, n) != n)
		wrong("%s: %zu bytes to %#llx from %#llx: not all left", v->name, n,
		      (unsigned long long)to, (unsigned long long)from);
}

static void survives_wild_addresses(void **state)
{
	static const size_t lengths[] = {
		1, 2, 3, 4, 7, 8, 9, 15, 16, 31, 32, 64, 100, 600, BEYOND_32_BITS, BEYOND_ALL
	};
	const struct copy_variant *v = *state;
	const u64 to = (u64)middle(to_area), from = (u64)middle(from_area);
	const u64 before = fault_counts.general_protections;

	for (size_t i = 0; i < ARRAY_SIZE(wild_addresses); i++)
		for (u64 a = wild_addresses[i]; a != wild_addresses[i] + 17; a++)
			for (size_t l = 0; l < ARRAY_SIZE(lengths); l++) {
				/* Past the top stands address 0, which is no less absent. */
				expect_all_left(v, a, from, lengths[l]);
				expect_all_left(v, to, a, lengths[l]);
				/* An access that crosses the boundary. */
				expect_all_left(v, a - 8, from, lengths[l]);
				expect_all_left(v, to, a - 8, lengths[l]);
			}
	assert_true(fault_counts.general_protections > before);
}

/* Where source and destination are alike modulo 8, nothing is misaligned; then AC faults tell. */
static void aligned_means_aligned(void **state)
{
	const u64 before = fault_counts.page_faults;
	const u64 to = (u64)middle(to_area), from = (u64)middle(from_area);

	for (size_t n = 0; n <= MAX_BYTES; n++)
		for (size_t a = 0; a < 8; a++) {
			call_aligned((const void *)copy_user_aligned, to + a, from + a, n);
			call_aligned((const void *)clear_user_stosq, to + a, n, 0);
		}
	assert_int_equal(fault_counts.page_faults, before);
	call_aligned((const void *)copy_user_unaligned, to + 1, from, 64);
	assert_true(fault_counts.page_faults > before); /* the processor does look */
}

/* With SMAP played: the window is open at every fault, and shut on every way out. */
static void opens_and_shuts_the_window(void **state)
{
	const struct copy_variant *v = *state;
	struct feature_set smap = { 0 };

	feature_add(&smap, FEATURE_SMAP);
	play_features(&smap, &short_thresholds);
	for (size_t n = 0; n < LONGEST_BYTES; n += n < 80 ? 1 : 24)
		for (size_t good = 0; good <= n; good += n < 80 ? 1 : 5) {
			check_copy(v->name, v->copy, to_area.end - good, middle(from_area), n);
			check_copy(v->name, v->copy, middle(to_area) + n % 16, from_area.end - good,
				   n);
		}
	smap = (struct feature_set){ 0 };
	play_features(&smap, &short_thresholds);
}

/* `rep movsb` of 100 bytes with 37 mapped leaves 63, `rep movsq` 12 quads of 16, then bytewise. */
static void leaves_what_hardware_leaves(void **state)
{
	u8 to[256];

	assert_int_equal(copy_variants[5].copy(to, from_area.end - 37, 100), 63);
	assert_int_equal(copy_variants[3].copy(to, from_area.end - 37, 100), 63);
	assert_int_equal(copy_variants[3].copy(to, from_area.end - 37, 128), 91);
}

static void clears_every_length_and_alignment(void **state)
{
	const struct clear_variant *v = *state;

	for (size_t n = 0; n <= MAX_BYTES; n++)
		for (size_t to = 0; to < 64; to++)
			check_clear(v->name, v->clear, middle(to_area) + to, n);
	for (size_t n = 1; n <= 8191; n += long_form ? 1 : 61)
		for (size_t to = 0; to < 16; to++)
			check_clear(v->name, v->clear, middle(to_area) + to, n);
}

static void counts_every_fault_of_a_clear(void **state)
{
	const struct clear_variant *v = *state;

	for (size_t n = 1; n < LONGEST_BYTES; n = next_length(n))
		for (size_t good = 0; good < n; good++)
			check_clear(v->name, v->clear, to_area.end - good, n);
}

static void clears_in_long_loops(void **state)
{
	const struct clear_variant *v = *state;
	const struct feature_set none = { 0 };

	play_features(&none, &no_thresholds);
	for (size_t n = 500; n < 1200; n += long_form ? 1 : 67)
		for (size_t good = 0; good < n; good++) {
			check_clear(v->name, v->clear, to_area.end - good, n);
			check_clear(v->name, v->clear, middle(to_area) + good % 64, n);
		}
	play_features(&none, &short_thresholds);
}

static void clears_nothing_at_wild_addresses(void **state)
{
	const struct clear_variant *v = *state;

	for (size_t i = 0; i < ARRAY_SIZE(wild_addresses); i++)
		for (u64 a = wild_addresses[i] - 8; a != wild_addresses[i] + 17; a++)
			for (size_t n = 1; n < 100; n++)
				if (v->clear((void *)a, n) != n)
					wrong("%s: %zu bytes at %#llx: not all left", v->name, n,
					      (unsigned long long)a);
}

static void opens_and_shuts_the_window_to_clear(void **state)
{
	const struct clear_variant *v = *state;
	struct feature_set smap = { 0 };

	feature_add(&smap, FEATURE_SMAP);
	play_features(&smap, &short_thresholds);
	for (size_t n = 0; n <= 160; n++)
		for (size_t good = 0; good <= n; good++)
			check_clear(v->name, v->clear, to_area.end - good, n);
	smap = (struct feature_set){ 0 };
	play_features(&smap, &short_thresholds);
}

static u64 faults_of_clear(clear_user_fn clear, size_t n)
{
	const u64 before = nr_faults();

	assert_int_equal(clear(to_area.end - n + 1, n), 1);
	return nr_faults() - before;
}

static void clears_by_stosb_from_the_threshold_on(void **state)
{
	assert_int_equal(faults_of_clear(clear_user_erms, 511), 2);
	assert_int_equal(faults_of_clear(clear_user_erms, 512), 1);
	if (!variant_runs("masked"))
		return;
	assert_int_equal(faults_of_clear(clear_user_masked, 511), 2);
	assert_int_equal(faults_of_clear(clear_user_masked, 512), 1);
}

static void clears_nothing_outside(void **state)
{
	const struct clear_variant *v = *state;
	const u64 before = nr_faults();

	for (size_t n = 0; n < LONGEST_BYTES; n = next_length(n)) {
		check_clear(v->name, v->clear, to_area.end - n, n);
		check_clear(v->name, v->clear, to_area.start, n);
		if (nr_faults() != before)
			wrong("%s: %zu bytes: touches what is not its own", v->name, n);
	}
}

struct named_test {
	const char *name;
	CMUnitTestFunction run;
};
#define NAMED(test)         \
	{                   \
#test, test \
	}

static const struct named_test copy_tests[] = {
	NAMED(copies_every_length_and_alignment),
	NAMED(touches_nothing_outside),
	NAMED(counts_beyond_32_bits),
	NAMED(leaves_at_page_ends_what_a_byte_copy_leaves),
	NAMED(opens_and_shuts_the_window),
	NAMED(survives_wild_addresses),
	NAMED(stops_at_a_hole),
	NAMED(counts_the_earlier_of_two_faults),
	NAMED(copies_pages),
	NAMED(copies_pages_in_loops),
	NAMED(counts_faults_in_long_loops),
	NAMED(counts_every_load_fault),
	NAMED(counts_every_store_fault),
	NAMED(counts_faults_below_the_source),
};
static const struct named_test clear_tests[] = {
	NAMED(clears_every_length_and_alignment),
	NAMED(opens_and_shuts_the_window_to_clear),
	NAMED(clears_nothing_outside),
	NAMED(clears_nothing_at_wild_addresses),
	NAMED(clears_in_long_loops),
	NAMED(counts_every_fault_of_a_clear),
};

int main(void)
{
	for (size_t t = 0; t < ARRAY_SIZE(copy_tests); t++)
		for (size_t v = 0; v < nr_copy_variants; v++)
			add_test(copy_variants[v].name, copy_tests[t].name, copy_tests[t].run,
				 &copy_variants[v]);
	for (size_t t = 0; t < ARRAY_SIZE(clear_tests); t++)
		for (size_t v = 0; v < nr_clear_variants; v++)
			add_test(clear_variants[v].name, clear_tests[t].name, clear_tests[t].run,
				 &clear_variants[v]);
	add_test("aligned, stosq", "aligned_means_aligned", aligned_means_aligned, NULL);
	add_test("thresholds", "takes_string_moves_from_the_threshold_on",
		 takes_string_moves_from_the_threshold_on, NULL);
	add_test("thresholds", "clears_by_stosb_from_the_threshold_on",
		 clears_by_stosb_from_the_threshold_on, NULL);
	add_test("aligned, unaligned", "takes_quads_where_both_sides_are_aligned",
		 takes_quads_where_both_sides_are_aligned, NULL);
	add_test("guarded, cliff", "goes_round_the_cliff", goes_round_the_cliff, NULL);
	add_test("movsq, fsrm", "leaves_what_hardware_leaves", leaves_what_hardware_leaves, NULL);
	return run_added_tests("copy");
}
