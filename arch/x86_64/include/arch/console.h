/* SPDX-License-Identifier: MIT */
/* The two serial lines: COM1 for people, COM2 for programs. Any context. */
#pragma once

#include <quench/types.h>

enum arch_line { ARCH_LINE_CONSOLE, ARCH_LINE_RECORDS };

/* Sends n bytes, waiting for room in the transmitter; on the console "\n" becomes "\r\n". A line
 * without a UART behind it swallows everything at once. */
void arch_line_write(enum arch_line line, const char *bytes, size_t n);

/* One byte that has arrived on the console, or -1. Never waits. */
int arch_console_read(void);
