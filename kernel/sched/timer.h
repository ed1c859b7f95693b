/* SPDX-License-Identifier: MIT */
/*
 * Timers: a function to be called at a time. Each processor has a heap of its own (timer_heap.h)
 * under its own lock, and its hardware timer is armed for the earliest only.
 */
#pragma once

#include <quench/types.h>

struct timer;
/* Runs in interrupt context, interrupts off, no lock held; may start the timer again. */
typedef void (*timer_fn)(struct timer *timer);

struct timer {
	u64 expires; /* arch_clock_ns() */
	timer_fn fn;
	u32 slot; /* place in the heap + 1; 0: not pending */
	u32 cpu;  /* whose heap; its lock protects all of this */
};

void timer_init(struct timer *timer, timer_fn fn);
/* Pending on this processor from now on, to expire at `expires`; a pending one moves. Any
 * context. */
void timer_start(struct timer *timer, u64 expires);
/* No longer pending when this returns, and fn is not running (it must not be called from fn or
 * with a lock that fn takes). True: it was pending. */
bool timer_cancel(struct timer *timer);
/* The same without waiting for an fn that runs on another processor: any context. */
bool timer_try_cancel(struct timer *timer);
/* Nanoseconds until it expires, 0 when it is not pending. */
u64 timer_left(const struct timer *timer);
