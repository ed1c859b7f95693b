/* SPDX-License-Identifier: MIT */
/* The log for people: lines on the console, COM1. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/*
 * Prints one formatted line on the console; the newline is added. Understands
 * %s %c %d %u %x %p %%, the flags 0 and -, width, precision for %s (`.*` too),
 * and the length modifiers l, ll, z. Any context; never fails, never blocks.
 */
void log_line(const char *format, ...) __printf_like(1, 2);

/* The same without a newline, for lines put together piece by piece. */
void log_text(const char *format, ...) __printf_like(1, 2);

/* Raw bytes to the console, as a program wrote them. */
void log_bytes(const char *bytes, size_t n);

/*
 * Says why the kernel cannot go on — message on the console, registers of the
 * caller, backtrace with symbols, a `panic` record — and ends the machine with
 * the verdict "panic". Any context.
 */
__noreturn void panic(const char *format, ...) __printf_like(1, 2);
