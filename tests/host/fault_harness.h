/* SPDX-License-Identifier: MIT */
/*
 * Runs kernel code that may fault in a process: SIGSEGV plays the page fault and the general
 * protection fault and consults the exception table of the test's own executable; on demand the
 * alternatives are applied for a feature set, with SMAP played by SIGILL, as user mode has no
 * stac and clac. docs/user-copies.md, "The native harness".
 */
#pragma once

#include <arch/feature.h>
#include <quench/types.h>

/* Installs the handlers; as cmocka puts its own in for every test, each test calls it first. A
 * fault at an instruction without an entry still ends the process. */
void fault_harness_start(void);

struct fault_counts {
	u64 page_faults;
	u64 general_protections; /* non-canonical addresses */
	u64 string_faults;       /* of these two, at an instruction with a repeat prefix */
	/* With SMAP played; each of these is a bug in the code under test: */
	u64 faults_window_closed; /* user memory touched with AC clear */
	u64 window_reopened;      /* stac with AC set */
};
extern volatile struct fault_counts fault_counts;

/* AC as SMAP is played: set between stac and clac. */
extern volatile bool fault_window_open;
extern bool smap_played;

/* Memory between two guard pages, an access to which faults. */
struct area {
	u8 *start, *end;
};
struct area area_create(size_t pages);

/* A section of the running executable, as mapped. Ends the process when there is none. */
const void *own_section(const char *name, size_t *bytes);

/* Applies the alternatives of the executable for `set` and the runtime constants, from their
 * default state every time, and plays SMAP when `set` has it. */
void play_alternatives(const struct feature_set *set, const u64 *constants);
/* Where code linked at an address runs since; 0: nowhere. */
u64 played_place(u64 linked);
/* Where the first jmp or call behind `fn` leads now; one right at `fn` is followed. */
const void *played_target(const void *fn);
/* The exception table, as it is for the code that was played last. */
void faults_follow_code(void);
