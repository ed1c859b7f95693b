/* SPDX-License-Identifier: MIT */
/* cpuid_dump_parse: the text form of `cpuid -r`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "cpuid_files.h"

#define ROW(leaf, sub) \
	"   0x" leaf " 0x" sub ": eax=0x00000001 ebx=0x00000002 ecx=0x0000000a edx=0xfFfFfFfF\n"

static struct cpuid_row rows[4];
static size_t n;
static struct cpuid_dump_error error;

static int parse(const char *text)
{
	return cpuid_dump_parse(text, strlen(text), rows, ARRAY_SIZE(rows), &n, &error);
}

static void a_dump_is_read(void **state)
{
	assert_int_equal(parse("CPU 0:\n" ROW("00000007", "00") ROW("80000001", "0b")), 0);
	assert_int_equal(n, 2);
	assert_int_equal(rows[1].leaf, 0x80000001);
	assert_int_equal(rows[1].subleaf, 11);
	assert_int_equal(rows[1].eax, 1);
	assert_int_equal(rows[1].ebx, 2);
	assert_int_equal(rows[1].ecx, 10);
	assert_int_equal(rows[1].edx, 0xffffffff);
}

static void forms_that_are_fine(void **state)
{
	assert_int_equal(parse("CPU:\n" ROW("0", "0")), 0);
	assert_int_equal(parse("\nCPU 15:\n\n" ROW("0", "0") "  \n"), 0);
	assert_int_equal(parse("CPU:\r\n   0x0 0x0: eax=0x1 ebx=0x2 ecx=0x3 edx=0x4\r\n"), 0);
	assert_int_equal(parse("CPU:\n0x0 0x0: eax=0x1 ebx=0x2 ecx=0x3 edx=0x4"), 0);
	assert_int_equal(rows[0].edx, 4);
	assert_int_equal(parse("CPU:\n" ROW("d", "3e") ROW("d", "3e")), 0);
	assert_int_equal(n, 1);
}

static void the_first_processor_counts(void **state)
{
	assert_int_equal(parse("CPU 0:\n" ROW("0", "0") "CPU 1:\n" ROW("0", "0") ROW("1", "0")), 0);
	assert_int_equal(n, 1);
	assert_int_equal(parse("CPU 0:\n" ROW("0", "0") "CPU 1:\nrubbish\n"), -EINVAL);
	assert_int_equal(error.line, 4);
}

static void refused(const char *text, size_t line, const char *says)
{
	assert_int_equal(parse(text), -EINVAL);
	assert_int_equal(error.line, line);
	assert_non_null(strstr(error.why, says));
	assert_int_equal(n, 0);
}

static void bad_lines_are_named(void **state)
{
	refused("", 0, "no row");
	refused("CPU 0:\n", 1, "no row");
	refused(ROW("0", "0"), 1, "before the line");
	refused("CPU 0:\n# note\n", 2, "neither");
	refused("CPU 0:\n" ROW("0", "0") "\nCPU zero:\n", 4, "neither");
	refused("CPU 0:\n" ROW("0", "0") "0x0 0x0: eax=0x9 ebx=0x2 ecx=0x3 edx=0x4\n", 3,
		"another answer");
	refused("CPU 0:\n0x123456789 0x0: eax=0x1 ebx=0x2 ecx=0x3 edx=0x4\n", 2, "neither");
	refused("CPU 0:\n0x 0x0: eax=0x1 ebx=0x2 ecx=0x3 edx=0x4\n", 2, "neither");
	refused("CPU 0:\n0x0 0x0: eax=0x1 ebx=0x2 ecx=0x3\n", 2, "neither");
	refused("CPU 0:\n0x0 0x0: eax=0x1 ebx=0x2 ecx=0x3 edx=0x4 more\n", 2, "neither");
	refused("CPU 0:\n0x0 0x0: ebx=0x1 eax=0x2 ecx=0x3 edx=0x4\n", 2, "neither");
}

static void too_many_rows(void **state)
{
	assert_int_equal(parse("CPU:\n" ROW("0", "0") ROW("1", "0") ROW("2", "0") ROW("3", "0")),
			 0);
	assert_int_equal(parse("CPU:\n" ROW("0", "0") ROW("1", "0") ROW("2", "0") ROW("3", "0")
				       ROW("4", "0")),
			 -ENOSPC);
	assert_int_equal(error.line, 6);
}

static void visit(const char *path, const struct cpuid_file *file)
{
	if (!cpuid_find(file->rows, file->n, 0x80000001, 0))
		fail_msg("%s: no leaf 0x80000001", path);
}

static void real_dumps(void **state)
{
	cpuid_files_each(visit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_is_read),
		cmocka_unit_test(forms_that_are_fine),
		cmocka_unit_test(the_first_processor_counts),
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(too_many_rows),
		cmocka_unit_test(real_dumps),
	};

	return cmocka_run_group_tests_name("cpuid_dump", tests, NULL, NULL);
}
