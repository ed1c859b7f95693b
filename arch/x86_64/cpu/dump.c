/* SPDX-License-Identifier: MIT */
/* The text form of a CPUID table, as cpuid(1) writes it. PURE, host library only. */
#include <asm/errno.h>
#include <x86/cpuid_table.h>

struct text {
	const char *at, *end;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct text *text)
{
	while (text->at < text->end && blank(*text->at))
		text->at++;
}

static bool take(struct text *text, const char *word)
{
	const char *at = text->at;

	for (; *word; word++, at++)
		if (at == text->end || *at != *word)
			return false;
	text->at = at;
	return true;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "0x" and one to eight digits. */
static bool take_hex(struct text *text, u32 *value)
{
	unsigned digits = 0;

	if (!take(text, "0x"))
		return false;
	for (*value = 0; text->at < text->end && digit(*text->at) >= 0; text->at++) {
		if (++digits > 8)
			return false;
		*value = *value << 4 | (u32)digit(*text->at);
	}
	return digits;
}

static bool take_register(struct text *text, const char *name, u32 *value)
{
	skip_blanks(text);
	return take(text, name) && take_hex(text, value);
}

static bool parse_row(struct text line, struct cpuid_row *row)
{
	if (!take_hex(&line, &row->leaf))
		return false;
	if (!take_register(&line, "", &row->subleaf) || !take(&line, ":"))
		return false;
	if (!take_register(&line, "eax=", &row->eax) || !take_register(&line, "ebx=", &row->ebx) ||
	    !take_register(&line, "ecx=", &row->ecx) || !take_register(&line, "edx=", &row->edx))
		return false;
	skip_blanks(&line);
	return line.at == line.end;
}

/* "CPU:" or "CPU 12:" */
static bool parse_header(struct text line)
{
	if (!take(&line, "CPU"))
		return false;
	if (take(&line, " "))
		while (line.at < line.end && *line.at >= '0' && *line.at <= '9')
			line.at++;
	if (!take(&line, ":"))
		return false;
	skip_blanks(&line);
	return line.at == line.end;
}

static struct text next_line(struct text *text)
{
	struct text line = { text->at, text->at };

	while (line.end < text->end && *line.end != '\n')
		line.end++;
	text->at = line.end < text->end ? line.end + 1 : line.end;
	skip_blanks(&line);
	return line;
}

struct dump {
	struct cpuid_row *rows;
	size_t n, max;
	unsigned headers;
};

static int fail(struct cpuid_dump_error *error, const char *why, int status)
{
	error->why = why;
	return status;
}

static bool same_answer(const struct cpuid_row *a, const struct cpuid_row *b)
{
	return a->eax == b->eax && a->ebx == b->ebx && a->ecx == b->ecx && a->edx == b->edx;
}

static int parse_line(struct dump *dump, struct text line, struct cpuid_dump_error *error)
{
	const struct cpuid_row *known;
	struct cpuid_row row;

	if (line.at == line.end)
		return 0;
	if (parse_header(line)) {
		dump->headers++;
		return 0;
	}
	if (!parse_row(line, &row))
		return fail(error, "neither a row of `cpuid -r` nor `CPU n:`", -EINVAL);
	if (!dump->headers)
		return fail(error, "a row before the line `CPU 0:`", -EINVAL);
	if (dump->headers > 1) /* further processors: well-formed, not ours */
		return 0;
	known = cpuid_find(dump->rows, dump->n, row.leaf, row.subleaf);
	if (known && !same_answer(known, &row))
		return fail(error, "another answer for a leaf and subleaf seen before", -EINVAL);
	if (known)
		return 0;
	if (dump->n == dump->max)
		return fail(error, "more rows than any processor has", -ENOSPC);
	dump->rows[dump->n++] = row;
	return 0;
}

int cpuid_dump_parse(const char *text, size_t n, struct cpuid_row *rows, size_t max,
		     size_t *nr_rows, struct cpuid_dump_error *error)
{
	struct text rest = { text, text + n };
	struct dump dump = { rows, 0, max, 0 };

	*nr_rows = 0;
	*error = (struct cpuid_dump_error){ 0 };
	while (rest.at < rest.end) {
		int status;

		error->line++;
		status = parse_line(&dump, next_line(&rest), error);
		if (status)
			return status;
	}
	if (!dump.n)
		return fail(error, "no row at all", -EINVAL);
	*nr_rows = dump.n;
	return 0;
}
