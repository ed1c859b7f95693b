/* SPDX-License-Identifier: MIT */
/* The kernel's own exception table: faults that code expects, and where it goes on after them. */
#pragma once

#include <quench/compiler.h>
#include <quench/text_move.h>

struct extable_entry;
struct trap_frame;

/*
 * Resolves and sorts the table in place, in the text segment, after patching: moves[] are what
 * became of code. Writes an `extable` record. 0, or a negative errno with a message that names the
 * instruction. Boot context, once, CR0.WP 0. Before it no fault is expected anywhere.
 */
int extable_init(const struct text_move *moves, size_t nr_moves) __must_check;

/* Whether the table is sorted and unique and points into text. Any context after extable_init. */
bool extable_verify(void);

/* The entry for the kernel's instruction at `address`, NULL: its fault is not expected. What to do
 * with it is kernel/extable/fixup.h's. Any context. */
const struct extable_entry *extable_find(u64 address);

/*
 * For faults other than page faults, of which the processor names no address: redirects a frame of
 * kernel code whose instruction may fault to its fixup, with rax as the entry says. False, and the
 * frame untouched, when the fault was not expected or came from user mode. Any context.
 */
bool extable_fixup(struct trap_frame *frame);
