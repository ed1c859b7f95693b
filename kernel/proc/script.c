/* SPDX-License-Identifier: MIT */
/* The first line of a script. PURE. */
#include <asm/errno.h>
#include <kernel/proc/script.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *at)
{
	while (is_blank(*at))
		at++;
	return at;
}

/* Ends the line with a NUL, without the blanks before it. False: it does not end within n bytes. */
static bool cut(char *text, size_t n)
{
	size_t end = 0;
	bool whole;

	while (end < n && text[end] != '\n' && text[end])
		end++;
	whole = end < n || n < SCRIPT_LINE_BYTES;
	if (end == SCRIPT_LINE_BYTES)
		end--;
	while (end > 2 && is_blank(text[end - 1]))
		end--;
	text[end] = '\0';
	return whole;
}

int script_parse(char *text, size_t n, struct script_line *line)
{
	bool whole;
	char *at;

	if (n < 2 || text[0] != '#' || text[1] != '!')
		return SCRIPT_NONE;
	whole = cut(text, n);
	at = skip_blanks(text + 2);
	if (!*at)
		return -ENOEXEC;
	line->interpreter = at;
	line->argument = NULL;
	while (*at && !is_blank(*at))
		at++;
	if (!*at) /* Linux takes no name that may go on behind the cut */
		return whole ? 0 : -ENOEXEC;
	*at++ = '\0';
	at = skip_blanks(at);
	if (*at)
		line->argument = at;
	return 0;
}
