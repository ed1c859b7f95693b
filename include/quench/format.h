/* SPDX-License-Identifier: MIT */
/* printf-style formatting into a buffer. PURE. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>
#include <stdarg.h>

/*
 * Formats into `out` of `size` bytes and always terminates it when size > 0.
 * Returns the length the whole text would have had. For the conversions see log.h.
 */
size_t format_v(char *out, size_t size, const char *format, va_list args);
size_t format(char *out, size_t size, const char *format, ...) __printf_like(3, 4);
