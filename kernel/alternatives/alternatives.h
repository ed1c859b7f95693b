/* SPDX-License-Identifier: MIT */
/* Patching the kernel's own text for the processor it runs on. */
#pragma once

#include <arch/feature.h>
#include <quench/compiler.h>
#include <quench/text_move.h>

/* The room alternatives_apply needs, in moves. */
size_t alternatives_max_moves(void);

/*
 * Gives every site of the kernel its final bytes, each in one write. First the whole table is
 * checked and each site reported — an `alt` record and, with `trace`, a line on the console — then
 * text is written, and a `patch` record says how it went. *nr_moves of moves[] are what happened to
 * the code, for the exception table. 0, or a negative errno with a message that names the site, and
 * nothing written. Boot context, once, interrupts off, CR0.WP 0, no other processor running.
 */
int alternatives_apply(const struct feature_set *features, bool trace, struct text_move *moves,
		       size_t max_moves, size_t *nr_moves) __must_check;
