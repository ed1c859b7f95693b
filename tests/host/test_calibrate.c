/* SPDX-License-Identifier: MIT */
/* kernel/bench/calibrate_judge.h: what follows from the figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kernel/bench/calibrate_judge.h>

static void the_fastest_wins_by_a_margin(void **state)
{
	assert_int_equal(calibrate_best((u64[]){ 320, 300, 310 }, 3, 0), 1);
	assert_int_equal(calibrate_best((u64[]){ 320, 310, 311 }, 3, 0), 0); /* not by 10 */
	assert_int_equal(calibrate_best((u64[]){ 320, 309, 311 }, 3, 0), 1);
	assert_int_equal(calibrate_best((u64[]){ 320, 300 }, 2, 1), 1);
	assert_int_equal(calibrate_best((u64[]){ 7 }, 1, 0), 0);
}

static void what_was_not_measured_does_not_win(void **state)
{
	assert_int_equal(calibrate_best((u64[]){ 0, 300, UINT64_MAX }, 3, 1), 1);
	assert_int_equal(calibrate_best((u64[]){ 0, 300, 200 }, 3, 0), 2);
	assert_int_equal(calibrate_best((u64[]){ 0, 0 }, 2, 1), 1);
}

static void a_threshold_holds_for_all_above(void **state)
{
	static const u32 sizes[] = { 512, 1024, 2048, 4096 };

	assert_int_equal(
		calibrate_threshold(sizes, (u64[]){ 10, 20, 40, 80 }, (u64[]){ 30, 32, 40, 60 }, 4),
		2048);
	assert_int_equal(
		calibrate_threshold(sizes, (u64[]){ 10, 20, 40, 80 }, (u64[]){ 5, 32, 40, 60 }, 4),
		2048);
	assert_int_equal(
		calibrate_threshold(sizes, (u64[]){ 10, 20, 40, 80 }, (u64[]){ 1, 1, 1, 1 }, 4),
		512);
	assert_int_equal(
		calibrate_threshold(sizes, (u64[]){ 10, 20, 40, 80 }, (u64[]){ 1, 1, 1, 86 }, 4),
		0);
	assert_int_equal(
		calibrate_threshold(sizes, (u64[]){ 10, 20, 40, 80 }, (u64[]){ 30, 32, 43, 85 }, 4),
		4096);
}

static void a_cliff_is_twice_as_high(void **state)
{
	assert_true(calibrate_cliff(201, 100));
	assert_false(calibrate_cliff(200, 100));
	assert_false(calibrate_cliff(160, 100));
	assert_false(calibrate_cliff(5, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fastest_wins_by_a_margin),
		cmocka_unit_test(what_was_not_measured_does_not_win),
		cmocka_unit_test(a_threshold_holds_for_all_above),
		cmocka_unit_test(a_cliff_is_twice_as_high),
	};

	return cmocka_run_group_tests_name("calibrate", tests, NULL, NULL);
}
