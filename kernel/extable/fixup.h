/* SPDX-License-Identifier: MIT */
/* What an entry does to the frame of the instruction that faulted. PURE. */
#pragma once

#include <arch/extable.h>
#include <arch/trap_frame.h>

/* Redirects the frame as the entry found for its rip says; `address`: of the page fault, or
 * EXTABLE_NO_ADDRESS. False, and the frame untouched, when none was found (NULL), or the frame is
 * user mode's. */
bool extable_redirect(const struct extable_entry *entry, struct trap_frame *frame, u64 address);
