/* SPDX-License-Identifier: MIT */
/* One user copy or clear, held against everything its contract says. */
#pragma once

#include "fault_harness.h"

#include <arch/call_checked.h>
#include <arch/uaccess.h>
#include <x86/cpu_policy.h>

#define RED_ZONE_BYTES 128

/* Where the copies of a test go to and come from; an access beyond either faults. */
extern struct area to_area, from_area;

/* A page from an area's start: place for every alignment and red zone. */
static inline u8 *middle(struct area area)
{
	return area.start + PAGE_BYTES;
}

/* QUENCH_LONG=1: the long form of the tests. */
extern bool long_form;

/* Plays the alternatives for the features, with these thresholds: short, so that a few hundred
 * bytes reach all there is in a variant; or none at all. */
extern const struct copy_thresholds short_thresholds, no_thresholds;
void play_features(const struct feature_set *set, const struct copy_thresholds *thresholds);

/* Whether this processor has the instructions of the variant of that name. */
bool variant_runs(const char *name);

/* For a program without cmocka: areas, pattern and features, as every test finds them. */
void cases_prepare(void);
/* Cases held against the contract so far; whether no copy wrote to its source. */
u64 cases_made(void);
bool source_intact(void);

/* Adds a test, named "variant: name", that runs with faults handled and *state = `state`. */
void add_test(const char *variant, const char *name, void (*run)(void **state), const void *state);
/* Runs them, or those whose name matches QUENCH_TESTS (with * and ?); tells the number of cases and
 * the time on stderr; returns main's exit status. */
int run_added_tests(const char *group);

/*
 * Copies n bytes by `copy` and holds count, destination, both red zones, flags and preserved
 * registers against the contract; how many bytes can be copied follows from where the areas end.
 * `who` is for the message. A range may reach beyond its area only at the area's end.
 */
void check_copy(const char *who, copy_user_fn copy, u8 *to, const u8 *from, size_t n);
/* The same where one of the two is an address at which nothing is, so that all must be left. */
void check_nothing_copied(const char *who, copy_user_fn copy, u8 *to, const u8 *from, size_t n);
/* The same for copy_from_user: the part that cannot be read must end up zero. `to` can be written
 * whole. */
void check_from_user(const char *who, copy_user_fn copy, u8 *to, const u8 *from, size_t n);
/* The same for clearing. */
void check_clear(const char *who, clear_user_fn clear, u8 *to, size_t n);
void check_nothing_cleared(const char *who, clear_user_fn clear, u8 *to, size_t n);

/* Any other routine: calls it, looks after flags, registers and window, returns its rax. */
u64 call_user(const char *who, const void *fn, u64 a, u64 b, u64 c);
/* What the last call_user left in registers. */
extern struct call_outcome last_outcome;

/* Fails the test with what was wrong; ends the program where QUENCH_FAIL_FAST is set. */
void wrong(const char *format, ...) __printf_like(1, 2);
