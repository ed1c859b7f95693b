/* SPDX-License-Identifier: MIT */
/* The log for people: formatted lines on the console. */
#include <arch/console.h>
#include <quench/format.h>
#include <quench/log.h>

#define LOG_BYTES 512

/* In one piece, so that lines of several processors do not mix. */
static void write_v(const char *format, va_list args, const char *end)
{
	char text[LOG_BYTES + 1];
	size_t n = format_v(text, LOG_BYTES, format, args);

	if (n > LOG_BYTES - 1)
		n = LOG_BYTES - 1;
	while (*end)
		text[n++] = *end++;
	arch_line_write(ARCH_LINE_CONSOLE, text, n);
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_v(format, args, "\n");
	va_end(args);
}

void log_text(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_v(format, args, "");
	va_end(args);
}

void log_bytes(const char *bytes, size_t n)
{
	arch_line_write(ARCH_LINE_CONSOLE, bytes, n);
}
