/* SPDX-License-Identifier: MIT */
/* Times as programs pass them, and as the kernel counts them: nanoseconds of arch_clock_ns(). */
#pragma once

#include <quench/types.h>

/* A struct __kernel_timespec of the program: 0, -EFAULT, -EINVAL (negative, or nanoseconds of a
 * second or more). Spans beyond 292 years are cut to that. */
int clock_get_user(const void __user *from, u64 *ns);
int clock_put_user(u64 ns, void __user *to);
/* Now plus a span, at most SCHED_FOREVER - 1; and the kernel's time for one of CLOCK_REALTIME. */
u64 clock_after(u64 ns);
u64 clock_of_real(u64 ns);
