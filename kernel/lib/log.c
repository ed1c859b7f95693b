/* SPDX-License-Identifier: MIT */
/* The log for people: formatted lines on the console. */
#include <arch/console.h>
#include <quench/format.h>
#include <quench/log.h>

#define LOG_BYTES 512

static void write_v(const char *format, va_list args)
{
	char text[LOG_BYTES];
	size_t n = format_v(text, sizeof(text), format, args);

	arch_line_write(ARCH_LINE_CONSOLE, text, n < sizeof(text) ? n : sizeof(text) - 1);
}

void log_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_v(format, args);
	va_end(args);
	arch_line_write(ARCH_LINE_CONSOLE, "\n", 1);
}

void log_text(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_v(format, args);
	va_end(args);
}

void log_bytes(const char *bytes, size_t n)
{
	arch_line_write(ARCH_LINE_CONSOLE, bytes, n);
}
