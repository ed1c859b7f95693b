/* SPDX-License-Identifier: MIT */
/* smp/features.c and <quench/cpumask.h>: who is refused, and sets of more than 64 processors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arch/feature.h>
#include <cmocka.h>
#include <quench/cpumask.h>
#include <x86/smp.h>

static void a_processor_with_all_that_is_needed_runs(void **state)
{
	struct feature_set needed = { { 0 } }, found = { { 0 } };

	assert_int_equal(smp_lacks(&needed, &found), -1);
	feature_add(&needed, FEATURE_SMAP);
	feature_add(&found, FEATURE_SMAP);
	feature_add(&found, FEATURE_ERMS); /* more is no harm */
	assert_int_equal(smp_lacks(&needed, &found), -1);
}

static void each_feature_that_is_missing_is_named(void **state)
{
	for (unsigned feature = 0; feature < NR_FEATURES; feature++) {
		struct feature_set needed, found;

		memset(&needed, 0, sizeof(needed));
		for (unsigned i = 0; i < NR_FEATURES; i++)
			feature_add(&needed, i);
		found = needed;
		feature_remove(&found, feature);
		assert_int_equal(smp_lacks(&needed, &found), feature);
		feature_remove(&needed, feature);
		assert_int_equal(smp_lacks(&needed, &found), -1);
	}
}

static void members_are_found_in_order(void **state)
{
	static const unsigned members[] = { 0, 1, 63, 64, 130, MAX_CPUS - 1 };
	struct cpumask mask;
	unsigned cpu, n = 0;

	cpumask_zero(&mask);
	assert_true(cpumask_empty(&mask));
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		cpumask_set_atomic(&mask, members[i]);
	cpumask_for_each(cpu, &mask) assert_int_equal(cpu, members[n++]);
	assert_int_equal(n, ARRAY_SIZE(members));
	assert_int_equal(cpumask_count(&mask), n);
	cpumask_clear_atomic(&mask, 64);
	assert_false(cpumask_test(&mask, 64));
	assert_int_equal(cpumask_next(&mask, 64), 130);
	cpumask_clear(&mask, MAX_CPUS - 1);
	assert_int_equal(cpumask_next(&mask, 131), MAX_CPUS);
}

static void the_first_n(void **state)
{
	struct cpumask mask;

	for (unsigned n = 0; n <= MAX_CPUS; n++) {
		cpumask_first_n(&mask, n);
		assert_int_equal(cpumask_count(&mask), n);
		assert_int_equal(cpumask_next(&mask, 0), n ? 0 : MAX_CPUS);
	}
}

u64 x86_count_bits_by_adding(u64 word); /* smp/bits.asm */

static void bits_are_counted(void **state)
{
	u64 word = 1;

	assert_int_equal(x86_count_bits_by_adding(0), 0);
	assert_int_equal(x86_count_bits_by_adding(UINT64_MAX), 64);
	for (unsigned i = 0; i < 100000; i++) {
		word = word * UINT64_C(6364136223846793005) + 1442695040888963407;
		assert_int_equal(x86_count_bits_by_adding(word), __builtin_popcountll(word));
		assert_int_equal(x86_count_bits_by_adding(UINT64_C(1) << (i & 63)), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_processor_with_all_that_is_needed_runs),
		cmocka_unit_test(each_feature_that_is_missing_is_named),
		cmocka_unit_test(members_are_found_in_order),
		cmocka_unit_test(the_first_n),
		cmocka_unit_test(bits_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
