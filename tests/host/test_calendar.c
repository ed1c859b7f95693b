/* SPDX-License-Identifier: MIT */
/* cpu/calendar.c against the C library, day by day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <time.h>
#include <x86/machine.h>

static u64 seconds(unsigned year, unsigned month, unsigned day, unsigned h, unsigned m, unsigned s)
{
	const struct x86_date date = { year, month, day, h, m, s };

	return x86_date_seconds(&date);
}

static void every_day_agrees_with_the_c_library(void **state)
{
	const u64 last = 7258118399; /* 2199-12-31 23:59:59 */

	for (u64 at = 43200; at <= last; at += 86400 + 61) {
		time_t when = (time_t)at;
		struct tm tm;

		gmtime_r(&when, &tm);
		assert_int_equal(seconds((unsigned)tm.tm_year + 1900, (unsigned)tm.tm_mon + 1,
					 (unsigned)tm.tm_mday, (unsigned)tm.tm_hour,
					 (unsigned)tm.tm_min, (unsigned)tm.tm_sec),
				 at);
	}
	assert_int_equal(seconds(2199, 12, 31, 23, 59, 59), last);
	assert_int_equal(seconds(1970, 1, 1, 0, 0, 1), 1);
}

static void nonsense_is_zero(void **state)
{
	assert_int_equal(seconds(1969, 12, 31, 0, 0, 0), 0);
	assert_int_equal(seconds(2200, 1, 1, 0, 0, 0), 0);
	assert_int_equal(seconds(2000, 0, 1, 0, 0, 0), 0);
	assert_int_equal(seconds(2000, 13, 1, 0, 0, 0), 0);
	assert_int_equal(seconds(2001, 2, 29, 0, 0, 0), 0);
	assert_int_equal(seconds(2100, 2, 29, 0, 0, 0), 0);
	assert_int_not_equal(seconds(2000, 2, 29, 0, 0, 0), 0);
	assert_int_equal(seconds(2000, 4, 31, 0, 0, 0), 0);
	assert_int_equal(seconds(2000, 4, 0, 0, 0, 0), 0);
	assert_int_equal(seconds(2000, 4, 1, 24, 0, 0), 0);
	assert_int_equal(seconds(2000, 4, 1, 0, 60, 0), 0);
	assert_int_equal(seconds(2000, 4, 1, 0, 0, 60), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(nonsense_is_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
