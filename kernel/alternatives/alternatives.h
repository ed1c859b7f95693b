/* SPDX-License-Identifier: MIT */
/* Patching the kernel's own text for the processor it runs on. */
#pragma once

#include <kernel/alternatives/plan.h>
#include <quench/compiler.h>

/* What is said of each site: an `alt` record; with a line on the console as well; nothing. */
enum alternatives_report { ALTERNATIVES_RECORD, ALTERNATIVES_TRACE, ALTERNATIVES_QUIET };

/* A plan without its room, which is for the caller to provide: max_moves and max_bytes say how
 * much. */
struct alt_plan alternatives_room(void);

/*
 * Gives every site of the kernel its final bytes, each in one write. First the plan is made, which
 * checks the whole table, and each site reported, then text is written, and a `patch` record says
 * how it went. plan->moves then are what
 * happened to the code, for the exception table. 0, or a negative errno with a message that names
 * the site, and nothing written. Boot context, once, interrupts off, CR0.WP 0, no other processor
 * running.
 */
int alternatives_apply(const struct feature_set *features, enum alternatives_report how,
		       struct alt_plan *plan) __must_check;
