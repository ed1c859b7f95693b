/* SPDX-License-Identifier: MIT */
/* What programs set and ask: actions, waiting for signals, timers. Process context. */
#pragma once

#include <kernel/signal/signal.h>

/* The action of a signal (1 to SIGNAL_MAX); `to` NULL: only read. 0; -EINVAL for SIGKILL and
 * SIGSTOP with `to`. */
int signal_action(int signal, const struct signal_action *to, struct signal_action *was);
/* Of the running task: pending and blocked ones. */
u64 signal_pending_set(void);
/* Sleeps with this mask until a signal has come: -ERESTARTNOHAND. */
s64 signal_suspend(u64 mask);
/* Takes one of `set`, at `deadline` (arch_clock_ns, 0: at once, SCHED_FOREVER) at the latest. Its
 * number; -EAGAIN: none came; -EINTR: another one did. */
int signal_wait(u64 set, u64 deadline, struct signal_info *info);

/* ITIMER_REAL: nanoseconds till it expires (0: off) and interval, the old ones into *was. */
struct signal_timer_value {
	u64 left, interval;
};
void signal_timer_set(const struct signal_timer_value *to, struct signal_timer_value *was);
void signal_timer_get(struct signal_timer_value *now);
