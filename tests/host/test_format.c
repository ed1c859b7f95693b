/* SPDX-License-Identifier: MIT */
/* quench/format.h against the C library's snprintf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <quench/format.h>

#define CHECK(...)                                                     \
	do {                                                           \
		char ours[128], theirs[128];                           \
		size_t n = format(ours, sizeof(ours), __VA_ARGS__);    \
		int m = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
		assert_string_equal(ours, theirs);                     \
		assert_int_equal(n, m);                                \
	} while (0)

static void agrees_with_snprintf(void **state)
{
	CHECK("plain");
	CHECK("%s|%10s|%-10s|%.2s|%.*s", "abc", "abc", "abc", "abc", 1, "abc");
	CHECK("%d %d %d", 0, -1, INT32_MIN);
	CHECK("%ld %ld", INT64_MIN, INT64_MAX);
	CHECK("%u %lu %zu", 4294967295u, UINT64_MAX, (size_t)17);
	CHECK("%x %08x %016lx %5x|%-5x|", 0xabc, 0xabc, 0xffffffff80000000ul, 0xa, 0xa);
	CHECK("%c%c %%", 'x', 'y');
	CHECK("%05d %5d %-5d|", -42, -42, -42);
	CHECK("%p", (void *)0x1234);
}

static void always_terminates(void **state)
{
	char text[4] = "zzz";

	assert_int_equal(format(text, sizeof(text), "%s", "longer"), 6);
	assert_string_equal(text, "lon");
	assert_int_equal(format(text, 0, "%s", "longer"), 6);
	assert_string_equal(text, "lon");
	format(text, 1, "x");
	assert_string_equal(text, "");
}

static void null_strings_show(void **state)
{
	char text[16];
	const char *volatile none = NULL;

	format(text, sizeof(text), "%s", none);
	assert_string_equal(text, "(null)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_snprintf),
		cmocka_unit_test(always_terminates),
		cmocka_unit_test(null_strings_show),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
