/* SPDX-License-Identifier: MIT */
/* The kernel's command line, taken apart. PURE. */
#include <asm/errno.h>
#include <kernel/lib/options.h>
#include <quench/format.h>
#include <quench/string.h>

struct word {
	const char *name;  /* "exit" */
	const char *value; /* "reboot"; NULL when there is no = */
};

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* Cuts the next blank-separated word off *line; NULL at the end. */
static char *next_word(char **line)
{
	char *start = *line;

	while (*start == ' ' || *start == '\t')
		start++;
	if (!*start)
		return NULL;
	char *end = start;

	while (*end && *end != ' ' && *end != '\t')
		end++;
	*line = *end ? end + 1 : end;
	*end = '\0';
	return start;
}

static struct word split(char *text)
{
	struct word word = { text, NULL };

	for (; *text; text++) {
		if (*text != '=')
			continue;
		*text = '\0';
		word.value = text + 1;
		break;
	}
	return word;
}

static bool take_exit(struct options *out, const char *value)
{
	static const char *const names[] = { "debug", "poweroff", "reboot" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (same(value, names[i])) {
			out->exit = (enum options_exit)i;
			return true;
		}
	}
	return false;
}

static bool take_program(struct options *out, const char *value)
{
	if (out->nr_programs == OPTIONS_MAX_PROGRAMS || value[0] != '/')
		return false;
	out->programs[out->nr_programs++] = value;
	return true;
}

static bool take_expect(struct options *out, const char *value)
{
	size_t n = 0;

	while ((value[n] >= '0' && value[n] <= '9') || (value[n] >= 'a' && value[n] <= 'f'))
		n++;
	out->expect = value;
	return n == 64 && !value[n];
}

/* 1 to `most`, in decimal. */
static bool take_number(unsigned *number, const char *value, unsigned most)
{
	*number = 0;
	for (; *value >= '0' && *value <= '9' && *number <= most; value++)
		*number = *number * 10 + (unsigned)(*value - '0');
	return !*value && *number >= 1 && *number <= most;
}

static bool take_flag(bool *flag, const char *value, const char *only)
{
	*flag = true;
	return same(value, only);
}

static bool take_alt(struct options *out, const char *value)
{
	out->alt_trace = same(value, "trace");
	out->alt_quiet = same(value, "quiet");
	return out->alt_trace || out->alt_quiet;
}

static bool take_bench(struct options *out, const char *value)
{
	if (same(value, "seed"))
		return out->bench_seed = true;
	return take_flag(&out->bench_copy, value, "copy");
}

/* What each word is for, and what it may be; the same table explains a refusal. */
enum option { CPU, COPY, EXPECT, SMP, AP, ALT, BENCH, SELFTEST, INIT, EXIT };
static const struct {
	const char *name, *form;
} known[] = {
	[CPU] = { "cpu", "cpu=-smap,+erms: features to mask (-) or force (+)" },
	[COPY] = { "copy", "copy=NAME: the variant user copies take, auto or calibrate" },
	[EXPECT] = { "expect", "expect=DIGEST: 64 hexadecimal digits in lower case" },
	[SMP] = { "smp", "smp=N: processors to run on, 1 to 256" },
	[AP] = { "ap", "ap=-smap: features to take from all processors but the first" },
	[ALT] = { "alt", "alt=trace, or alt=quiet for no word about any site" },
	[BENCH] = { "bench", "bench=copy, or bench=seed; both may be given" },
	[SELFTEST] = { "selftest", "selftest=copy" },
	[INIT] = { "init", "init=PATH: absolute, at most 8 times" },
	[EXIT] = { "exit", "exit=debug, poweroff or reboot" },
};

static bool take(struct options *out, enum option option, const char *value)
{
	switch (option) {
	case CPU:
		out->cpu = value;
		return *value;
	case COPY:
		out->copy = value;
		return *value;
	case EXPECT:
		return take_expect(out, value);
	case SMP:
		return take_number(&out->smp, value, 256);
	case AP:
		out->ap = value;
		return *value;
	case ALT:
		return take_alt(out, value);
	case BENCH:
		return take_bench(out, value);
	case SELFTEST:
		return take_flag(&out->selftest_copy, value, "copy");
	case INIT:
		return take_program(out, value);
	case EXIT:
		return take_exit(out, value);
	}
	return false;
}

static int take_word(struct options *out, struct word word, char *error, size_t error_bytes)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!same(word.name, known[i].name))
			continue;
		if (word.value && take(out, (enum option)i, word.value))
			return 0;
		format(error, error_bytes, "bad command line word '%s%s%s'; the form is %s",
		       word.name, word.value ? "=" : "", word.value ? word.value : "",
		       known[i].form);
		return -EINVAL;
	}
	format(error, error_bytes,
	       "unknown command line word '%s'; known are cpu= copy= expect= smp= ap= alt= bench= selftest= "
	       "init= exit=, "
	       "and words for the program after --",
	       word.name);
	return -EINVAL;
}

static int take_arguments(struct options *out, char *line, char *error, size_t error_bytes)
{
	for (char *text; (text = next_word(&line));) {
		if (out->nr_arguments == OPTIONS_MAX_ARGUMENTS) {
			format(error, error_bytes,
			       "more than %u words after --; shorten the command line",
			       OPTIONS_MAX_ARGUMENTS);
			return -EINVAL;
		}
		out->arguments[out->nr_arguments++] = text;
	}
	return 0;
}

int options_parse(char *line, struct options *out, char *error, size_t error_bytes)
{
	memset(out, 0, sizeof(*out));
	for (char *text; (text = next_word(&line));) {
		if (same(text, "--"))
			return take_arguments(out, line, error, error_bytes);
		int status = take_word(out, split(text), error, error_bytes);

		if (status)
			return status;
	}
	return 0;
}
