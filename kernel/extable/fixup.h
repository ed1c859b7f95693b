/* SPDX-License-Identifier: MIT */
/* What an entry does to the frame of the instruction that faulted. PURE. */
#pragma once

#include <arch/extable.h>
#include <arch/trap_frame.h>

/* Redirects the frame as the entry of a sorted table for its rip says. False, and the frame
 * untouched, when there is none, or the frame is user mode's. */
bool extable_redirect(const struct extable_entry *table, size_t n, struct trap_frame *frame);
