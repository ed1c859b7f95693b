/* SPDX-License-Identifier: MIT */
/* kernel/fs in a test program: the allocators, locks and user copies it stands on, played by the C
 * library, with counters and planted failures. */
#pragma once

#include <quench/types.h>

/* What is out now: objects of kmalloc, pages. */
extern long fs_objects, fs_pages;
/* The allocation with this number from now on fails (1: the next one); 0: none does. */
extern long fs_fail_at;
/* User memory ends at this address: copies stop there. NULL: nowhere. */
extern const void *fs_user_end;
/* Locks held now; a test expects 0 between calls. */
extern long fs_locks;

/* Gives spin locks the per-CPU data they count in. Before anything else. */
void fs_harness_start(void);
