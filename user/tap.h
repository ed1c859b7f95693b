/* SPDX-License-Identifier: MIT */
/* TAP output for the programs that test the kernel from inside: one line a check, the plan at the
 * end. */
#pragma once

#include "user.h"

static unsigned tap_checks, tap_failed;

/* One check: the kernel's answer against the expected one. */
static inline void tap_answer(const char *name, long answer, long expected)
{
	char is[24], should[24];

	tap_checks++;
	tap_failed += answer != expected;
	say("%s %u - %s\n", answer == expected ? "ok" : "not ok", tap_checks, name);
	if (answer != expected)
		say("# got %s, expected %s\n", answer_name(answer, is),
		    answer_name(expected, should));
}

static inline void tap_true(const char *name, int holds)
{
	tap_answer(name, !!holds, 1);
}

/* The plan, and the program's exit status. */
static inline int tap_end(void)
{
	say("1..%u\n", tap_checks);
	return tap_failed != 0;
}
