/* SPDX-License-Identifier: MIT */
/* Futexes: wait queues named by the address of a user word. futex(2). */
#pragma once

#include <quench/types.h>

/* Wakes up to `n` that wait on the word: for clear_child_tid and robust lists. Process context. */
int futex_wake_address(u64 address, bool shared, u32 n);
/* The task ends: owned robust futexes are marked FUTEX_OWNER_DIED, the next waiter of each woken.
 */
struct task;
void futex_release_robust(struct task *task);
