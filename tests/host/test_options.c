/* SPDX-License-Identifier: MIT */
/* kernel/lib/options.h: every word, every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <kernel/lib/options.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct options options;
static char line[8192], error[512];

static int parse(const char *text)
{
	snprintf(line, sizeof(line), "%s", text);
	error[0] = '\0';
	return options_parse(line, &options, error, sizeof(error));
}

static void empty_lines_are_fine(void **state)
{
	assert_int_equal(parse(""), 0);
	assert_int_equal(parse("  \t "), 0);
	assert_int_equal(options.nr_programs, 0);
	assert_null(options.cpu);
}

static void every_word(void **state)
{
	assert_int_equal(
		parse("cpu=-smap,+erms copy=movsq alt=trace bench=copy selftest=copy init=/a init=/b "
		      "exit=poweroff expect=" DIGEST " -- one --two init=/no"),
		0);
	assert_string_equal(options.cpu, "-smap,+erms");
	assert_string_equal(options.copy, "movsq");
	assert_string_equal(options.expect, DIGEST);
	assert_true(options.alt_trace && !options.alt_quiet && options.bench_copy);
	assert_true(options.selftest_copy);
	assert_int_equal(options.nr_programs, 2);
	assert_string_equal(options.programs[1], "/b");
	assert_int_equal(options.exit, OPTIONS_EXIT_POWEROFF);
	assert_int_equal(options.nr_arguments, 3);
	assert_string_equal(options.arguments[2], "init=/no");
}

static void last_of_a_word_counts(void **state)
{
	assert_int_equal(parse("alt=trace alt=quiet cpu=+erms cpu=-erms"), 0);
	assert_true(options.alt_quiet && !options.alt_trace);
	assert_string_equal(options.cpu, "-erms");
	assert_false(options.bench_copy || options.bench_seed);
	assert_int_equal(parse("bench=seed"), 0);
	assert_true(options.bench_seed && !options.bench_copy);
}

static void refusals_name_the_word(void **state)
{
	static const struct {
		const char *text, *named;
	} bad[] = {
		{ "frobnicate", "frobnicate" }, { "quiet=1", "quiet" },
		{ "cpu", "cpu=-smap" },         { "cpu=", "cpu=-smap" },
		{ "alt=maybe", "alt=maybe" },   { "bench=disk", "bench=disk" },
		{ "exit=now", "exit=now" },     { "init=relative", "init=relative" },
		{ "expect=12", "expect=12" },   { "expect=" DIGEST "0", "expect=" },
		{ "CPU=-smap", "CPU" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(parse(bad[i].text), -EINVAL);
		assert_non_null(strstr(error, bad[i].named));
	}
}

static void limits_are_refused(void **state)
{
	char many[4096] = "--";

	assert_int_equal(parse("init=/1 init=/2 init=/3 init=/4 init=/5 init=/6 init=/7 init=/8"),
			 0);
	assert_int_equal(
		parse("init=/1 init=/2 init=/3 init=/4 init=/5 init=/6 init=/7 init=/8 init=/9"),
		-EINVAL);
	for (int i = 0; i < OPTIONS_MAX_ARGUMENTS; i++)
		strcat(many, " x");
	assert_int_equal(parse(many), 0);
	strcat(many, " x");
	assert_int_equal(parse(many), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_lines_are_fine),  cmocka_unit_test(every_word),
		cmocka_unit_test(last_of_a_word_counts), cmocka_unit_test(refusals_name_the_word),
		cmocka_unit_test(limits_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
