/* SPDX-License-Identifier: MIT */
/* Futexes: waiting for a user word, named by its address. futex(2). Process context. */
#pragma once

#include <quench/types.h>

struct task;

/* What a word is known by: of memory that processes share, the object (an inode, a struct
 * shared_memory) and the offset in it; else the address space and the address in it. */
struct futex_key {
	u64 space;
	u64 address;
};

/* Waits while the word is `expected`. `bitset`: only wake-ups with one of these bits count;
 * `deadline` by arch_clock_ns(), or SCHED_FOREVER. 0: woken; -EAGAIN: it is not `expected`;
 * -ETIMEDOUT, -ERESTARTSYS, -EFAULT, -EINVAL. */
int futex_wait(u64 address, bool shared, u32 expected, u32 bitset, u64 deadline);
/* Wakes up to `n` waiters with a bit of `bitset`: how many, -EFAULT, -EINVAL. */
int futex_wake(u64 address, bool shared, u32 n, u32 bitset);
/* Wakes `n`, and makes up to `more` wait at `to` instead; with `check`, only if the word is
 * `expected`, else -EAGAIN. The number woken and moved. */
int futex_requeue(u64 from, u64 to, bool shared, u32 n, u32 more, bool check, u32 expected);

/* For clear_child_tid and robust lists. */
int futex_wake_address(u64 address, bool shared, u32 n);
/* The task ends: robust futexes it owns are marked FUTEX_OWNER_DIED, a waiter of each woken. */
void futex_release_robust(struct task *task);
