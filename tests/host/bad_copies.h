/* SPDX-License-Identifier: MIT */
/* Copies and clears that break the contract, each in one way: what the judge of the copies must
 * notice. */
#pragma once

#include <arch/uaccess.h>

/* Which of the judge's checks a bad routine is given to. */
enum bad_kind { BAD_COPY, BAD_FROM_USER, BAD_CLEAR, BAD_ADDRESS, BAD_CLEAR_ADDRESS, BAD_WINDOW };

struct bad_copy {
	const char *name;
	enum bad_kind kind;
	const void *fn;
	const char *complaint; /* in what the judge says; NULL: there is nothing to say */
	int vectors;           /* CALL_CHECKED_*: what must be looked after at least */
};
extern const struct bad_copy bad_copies[]; /* of bytes and counts; ends with fn = NULL */

/* bad_registers.asm: the same of registers, flags and the window. */
struct bad_register {
	const char *name;
	const void *fn;
	u64 vectors;
};
extern const struct bad_register bad_registers[]; /* ends with fn = NULL */
size_t bad_ac(void *to, const void *from, size_t n);
size_t bad_df(void *to, const void *from, size_t n);
size_t bad_window_open(void *to, const void *from, size_t n);
size_t bad_window_twice(void *to, const void *from, size_t n);
size_t bad_window_shut(void *to, const void *from, size_t n);
