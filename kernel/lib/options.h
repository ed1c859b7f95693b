/* SPDX-License-Identifier: MIT */
/* The kernel's command line, taken apart. PURE. docs/command-line.md lists the words. */
#pragma once

#include <quench/types.h>

#define OPTIONS_MAX_PROGRAMS  8
#define OPTIONS_MAX_ARGUMENTS 32

enum options_exit { OPTIONS_EXIT_DEBUG, OPTIONS_EXIT_POWEROFF, OPTIONS_EXIT_REBOOT };

struct options {
	const char *cpu;    /* cpu=-smap,+erms; NULL: not given */
	const char *copy;   /* copy=NAME */
	const char *expect; /* expect=DIGEST */
	unsigned smp;       /* smp=N: processors to run on; 0: all */
	const char *ap;     /* ap=-smap: features taken from all but the first */
	bool alt_trace;     /* alt=trace */
	bool alt_quiet;     /* alt=quiet */
	bool bench_copy;    /* bench=copy */
	bool bench_seed;    /* bench=seed */
	bool selftest_copy; /* selftest=copy */
	enum options_exit exit;
	size_t nr_programs; /* init=PATH, may repeat; /init when none is given */
	const char *programs[OPTIONS_MAX_PROGRAMS];
	size_t nr_arguments; /* the words after -- */
	const char *arguments[OPTIONS_MAX_ARGUMENTS];
};

/*
 * Takes `line` apart in place: *out points into it. 0, or -EINVAL with a sentence that names the
 * word and the remedy in `error`.
 */
int options_parse(char *line, struct options *out, char *error, size_t error_bytes);
