/* SPDX-License-Identifier: MIT */
/* What altcheck is told about functions by name: user pointers among the arguments, and entries
 * that run with the interrupted code's flags. PURE. */
#pragma once

#include "decode.h"

/* What an argument register holds on entry; everything else is plain data. */
struct user_routine {
	const char *pattern; /* as in fnmatch(3) */
	u16 user;            /* set of registers with a __user pointer */
	u16 kernel;          /* ... with a pointer to kernel memory */
};

/* The routine of that name, or NULL. The prototypes are in <arch/uaccess.h>. */
const struct user_routine *user_routine_named(const char *name);

/* Whether the function is entered, or jumped to, by an interrupt or exception: with AC and DF as
 * whatever code was interrupted, a program's too, left them. (SYSCALL clears both by SFMASK.) */
bool is_interrupt_entry(const char *name);
