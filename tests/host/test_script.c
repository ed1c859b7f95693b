/* SPDX-License-Identifier: MIT */
/* kernel/proc/script.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <kernel/proc/script.h>

static char text[SCRIPT_LINE_BYTES];
static struct script_line line;

static int parse(const char *start)
{
	size_t n = strlen(start) < sizeof(text) ? strlen(start) : sizeof(text);

	memset(text, 'z', sizeof(text));
	memcpy(text, start, n);
	/* The last byte of a file shorter than the buffer has room behind it for the NUL. */
	return script_parse(text, n, &line);
}

static void names_and_arguments(void **state)
{
	assert_int_equal(parse("#!/bin/sh\necho"), 0);
	assert_string_equal(line.interpreter, "/bin/sh");
	assert_null(line.argument);
	assert_int_equal(parse("#! \t/bin/sh\t-e -x  \n"), 0);
	assert_string_equal(line.interpreter, "/bin/sh");
	assert_string_equal(line.argument, "-e -x");
	assert_int_equal(parse("#!/x"), 0);
	assert_string_equal(line.interpreter, "/x");
	assert_int_equal(parse("#!/x \n"), 0);
	assert_null(line.argument);
}

static void no_scripts(void **state)
{
	assert_int_equal(parse(""), SCRIPT_NONE);
	assert_int_equal(parse("#"), SCRIPT_NONE);
	assert_int_equal(parse("\177ELF"), SCRIPT_NONE);
	assert_int_equal(parse("# !/bin/sh"), SCRIPT_NONE);
	assert_int_equal(parse("#!"), -ENOEXEC);
	assert_int_equal(parse("#!\n/bin/sh"), -ENOEXEC);
	assert_int_equal(parse("#!  \t \n"), -ENOEXEC);
}

static void long_lines(void **state)
{
	char start[400] = "#!/";

	memset(start + 3, 'a', 300);
	assert_int_equal(parse(start), -ENOEXEC);
	start[10] = ' ';
	assert_int_equal(parse(start), 0);
	assert_string_equal(line.interpreter, "/aaaaaaa");
	assert_int_equal(strlen(line.argument), SCRIPT_LINE_BYTES - 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_arguments),
		cmocka_unit_test(no_scripts),
		cmocka_unit_test(long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
