/* SPDX-License-Identifier: MIT */
/*
 * Timers: a function to be called at a time. Each processor has a heap of its own under its own
 * lock, and its hardware timer is armed for the earliest only.
 */
#pragma once

#include <kernel/lib/heap.h>
#include <quench/types.h>

struct timer;
/* Runs in interrupt context, interrupts off, no lock held; may start the timer again. */
typedef void (*timer_fn)(struct timer *timer);

struct timer {
	struct heap_node node; /* key: when, on arch_clock_ns() */
	timer_fn fn;
	u32 cpu; /* whose heap; its lock protects `node` */
};

void timer_init(struct timer *timer, timer_fn fn);
/* Pending on this processor from now on, to expire at `expires`; a pending one moves. Any
 * context, but two calls on one timer at the same time are the caller's to exclude. */
void timer_start(struct timer *timer, u64 expires);
/* No longer pending when this returns, and fn does not run any more: so not from fn, nor with a
 * lock that fn takes. True: it was pending. */
bool timer_cancel(struct timer *timer);
/* The same without waiting for an fn that runs on another processor: any context. */
bool timer_try_cancel(struct timer *timer);

static inline bool timer_pending(const struct timer *timer)
{
	return timer->node.queued;
}
/* Nanoseconds until it expires, 0 when it is not pending. */
u64 timer_left(const struct timer *timer);
