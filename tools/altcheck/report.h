/* SPDX-License-Identifier: MIT */
/* What altcheck found: one line a finding, with rule, place, complaint and remedy. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>
#include <stdio.h>

#define RULE(id, name, holds, remedy) RULE_##id,
enum rule {
#include "rules.def"
	NR_RULES
};
#undef RULE

struct check;

/* Takes a rule out of force: what breaks it is no longer reported. False: no such rule. */
bool report_disable(const char *name);

/* Prints every rule with what it holds. */
void report_list(FILE *out);

/*
 * `altcheck: RULE: PLACE: what is wrong; remedy` on standard error, where the place is
 * symbol+0xoffset (0xaddress), for code of a version its site's and the version's. The same
 * complaint about the same place is made once.
 */
void report(const struct check *check, enum rule rule, u64 address, const char *format, ...)
	__printf_like(4, 5);

/* Findings so far. */
size_t report_count(void);
