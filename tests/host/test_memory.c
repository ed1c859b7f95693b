/* SPDX-License-Identifier: MIT */
/* The kernel's own memcpy, memset and memmove, as alternatives choose them: every length and
 * alignment, both sides of the threshold, and what lies around. */
#include "copy_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void *memcpy_words(void *to, const void *from, size_t n);
void *memset_words(void *to, int byte, size_t n);
void *memmove_overlapping(void *to, const void *from, size_t n);
void *memcpy_masked(void *to, const void *from, size_t n);
void *memset_masked(void *to, int byte, size_t n);

static const struct memory_variant {
	const char *name;
	void *(*copy)(void *to, const void *from, size_t n);
	void *(*set)(void *to, int byte, size_t n);
} words = { "words", memcpy_words, memset_words },
  masked = { "masked", memcpy_masked, memset_masked };

static size_t next_length(size_t n)
{
	return n < 320 || (n > 508 && n < 515) ? n + 1 : n + 27;
}

/* What must be where `to` and 64 bytes on either side are. */
static u8 expected[64 + 2048 + 64];

static void expect(const char *who, const u8 *to, const void *returned, size_t n)
{
	if (returned != to)
		wrong("%s of %zu bytes returns another pointer", who, n);
	if (memcmp(to - 64, expected, n + 128))
		wrong("%s of %zu bytes to %zu mod 64 is wrong", who, n, (size_t)to % 64);
}

static void check_memcpy(const struct memory_variant *v, u8 *to, const u8 *from, size_t n)
{
	memset(to - 64, 0xa5, n + 128);
	memcpy(expected, to - 64, n + 128);
	memcpy(expected + 64, from, n);
	expect(v->name, to,
	       (void *)call_user(v->name, (const void *)v->copy, (u64)to, (u64)from, n), n);
}

static void check_memset(const struct memory_variant *v, u8 *to, u32 byte, size_t n)
{
	memset(to - 64, 0xa5, n + 128);
	memcpy(expected, to - 64, n + 128);
	memset(expected + 64, (int)byte, n);
	expect(v->name, to, (void *)call_user(v->name, (const void *)v->set, (u64)to, byte, n), n);
}

static void copies(void **state)
{
	const u8 *from = middle(from_area);

	for (size_t n = 0; n < 1500; n = next_length(n))
		for (size_t to = 0; to < 64; to += 1 + n / 80)
			for (size_t a = 0; a < 16; a += 5)
				check_memcpy(*state, middle(to_area) + to, from + a, n);
}

/* A value of more than a byte: only the low one counts. */
static void sets(void **state)
{
	for (size_t n = 0; n < 1500; n = next_length(n))
		for (size_t to = 0; to < 64; to += 1 + n / 80)
			check_memset(*state, middle(to_area) + to, 0x12300 + (u32)n % 256, n);
}

static void touches_nothing_outside(void **state)
{
	const struct memory_variant *v = *state;
	const u64 before = fault_counts.page_faults;

	for (size_t n = 0; n < 700; n++) {
		v->copy(to_area.end - n, from_area.end - n, n);
		v->copy(to_area.start, from_area.start, n);
		v->set(to_area.end - n, 1, n);
		v->set(to_area.start, 1, n);
	}
	assert_int_equal(fault_counts.page_faults, before);
}

static void moves_ranges_that_overlap(void **state)
{
	u8 *at = middle(to_area);

	for (size_t n = 1; n < 300; n++)
		for (long shift = -(long)n; shift <= (long)n; shift += 1 + (long)n / 24) {
			for (size_t i = 0; i < sizeof(expected); i++)
				at[i] = expected[i] = (u8)(i * 37 + i / 64);
			memmove(expected + 512 + shift, expected + 512, n);
			call_user("memmove", (const void *)memmove_overlapping,
				  (u64)(at + 512 + shift), (u64)(at + 512), n);
			if (memcmp(at, expected, sizeof(expected)))
				wrong("memmove of %zu bytes by %ld is wrong", n, shift);
		}
}

static void with_a_cliff(void **state)
{
	struct feature_set cliff = { 0 };

	feature_add(&cliff, FEATURE_REP_MOVS_CLIFF);
	play_features(&cliff, &short_thresholds);
	for (size_t d = 0; d < 64; d++)
		for (size_t v = 0; v < 2; v++)
			check_memcpy(v && variant_runs("masked") ? &masked : &words,
				     middle(to_area) + d, middle(from_area), 1200);
	play_features(&(struct feature_set){ 0 }, &short_thresholds);
}

/* Where string moves of bytes are not worth it. */
static void without_byte_moves(void **state)
{
	struct feature_set unaligned = { 0 };

	feature_add(&unaligned, FEATURE_COPY_UNALIGNED);
	play_features(&unaligned, &short_thresholds);
	copies(state);
	touches_nothing_outside(state);
	play_features(&(struct feature_set){ 0 }, &short_thresholds);
}

int main(void)
{
	const struct memory_variant *const variants[] = { &words, &masked };

	for (size_t v = 0; v < ARRAY_SIZE(variants); v++) {
		add_test(variants[v]->name, "copies", copies, variants[v]);
		add_test(variants[v]->name, "sets", sets, variants[v]);
		add_test(variants[v]->name, "touches_nothing_outside", touches_nothing_outside,
			 variants[v]);
	}
	add_test("words", "without_byte_moves", without_byte_moves, &words);
	add_test("masked, words", "with_a_cliff", with_a_cliff, NULL);
	add_test("overlapping", "moves_ranges_that_overlap", moves_ranges_that_overlap, NULL);
	return run_added_tests("memory");
}
