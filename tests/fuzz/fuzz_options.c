/* SPDX-License-Identifier: MIT */
/* Any text as a command line: refused with a message that fits, or taken apart into words that all
 * lie within the line, end within it, and keep what each promises. */
#include <kernel/lib/options.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

static char line[4096];
static size_t line_bytes;

/* NULL, or a string of the line without a blank. */
static void check_word(const char *word)
{
	if (!word)
		return;
	REQUIRE(word >= line && word < line + line_bytes);
	REQUIRE(memchr(word, '\0', (size_t)(line + line_bytes - word)));
	REQUIRE(!strpbrk(word, " \t"));
}

static void check_words(const struct options *options)
{
	check_word(options->cpu);
	check_word(options->copy);
	check_word(options->expect);
	REQUIRE(!options->cpu || *options->cpu);
	REQUIRE(!options->copy || *options->copy);
	REQUIRE(!options->expect || strlen(options->expect) == 64);
	REQUIRE(options->nr_programs <= OPTIONS_MAX_PROGRAMS);
	REQUIRE(options->nr_arguments <= OPTIONS_MAX_ARGUMENTS);
	for (size_t i = 0; i < options->nr_programs; i++) {
		check_word(options->programs[i]);
		REQUIRE(options->programs[i][0] == '/');
	}
	for (size_t i = 0; i < options->nr_arguments; i++) {
		check_word(options->arguments[i]);
		REQUIRE(options->arguments[i][0]);
	}
	REQUIRE(options->exit <= OPTIONS_EXIT_REBOOT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct options options;
	char error[160];

	if (size >= sizeof(line))
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	line_bytes = size + 1;
	memset(error, 'x', sizeof(error));
	if (options_parse(line, &options, error, sizeof(error)))
		REQUIRE(error[0] && memchr(error, '\0', sizeof(error)));
	else
		check_words(&options);
	return 0;
}
