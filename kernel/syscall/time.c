/* SPDX-License-Identifier: MIT */
/* Clocks. */
#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/clock.h>
#include <kernel/syscall/syscall.h>
#include <linux/time.h>
#include <linux/time_types.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_US     UINT64_C(1000)

/* Nanoseconds of a clock, or false for a number that is none. */
static bool read_clock(int clock, u64 *ns)
{
	*ns = arch_clock_ns();
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_TAI: /* as on a Linux nobody told about leap seconds */
		*ns += arch_boot_seconds() * NS_PER_SECOND;
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		return true;
	case CLOCK_PROCESS_CPUTIME_ID:
		*ns = process_runtime_ns(task_current()->process);
		return true;
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = sched_runtime_ns(task_current());
		return true;
	default:
		return false;
	}
}

s64 sys_clock_gettime(const struct syscall *call)
{
	struct __kernel_timespec time;
	u64 ns;

	if (!read_clock((int)call->arg[0], &ns))
		return -EINVAL;
	time.tv_sec = (s64)(ns / NS_PER_SECOND);
	time.tv_nsec = (s64)(ns % NS_PER_SECOND);
	return copy_to_user(USER_POINTER(call, 1), &time, sizeof(time)) ? -EFAULT : 0;
}

/* All count nanoseconds of one counter, the coarse ones too. */
s64 sys_clock_getres(const struct syscall *call)
{
	u64 ns;

	if (!read_clock((int)call->arg[0], &ns))
		return -EINVAL;
	return call->arg[1] ? clock_put_user(1, USER_POINTER(call, 1)) : 0;
}

static u64 real_ns(void)
{
	u64 ns;

	(void)read_clock(CLOCK_REALTIME, &ns);
	return ns;
}

/* The zone is Greenwich's. */
s64 sys_gettimeofday(const struct syscall *call)
{
	u64 ns = real_ns();
	const struct __kernel_old_timeval time = {
		.tv_sec = (s64)(ns / NS_PER_SECOND),
		.tv_usec = (s64)(ns % NS_PER_SECOND / NS_PER_US),
	};

	if (call->arg[0] && copy_to_user(USER_POINTER(call, 0), &time, sizeof(time)))
		return -EFAULT;
	if (call->arg[1] && clear_user(USER_POINTER(call, 1), sizeof(struct timezone)))
		return -EFAULT;
	return 0;
}

s64 sys_time(const struct syscall *call)
{
	u64 seconds = real_ns() / NS_PER_SECOND;

	if (call->arg[0] && put_user_64(seconds, USER_POINTER(call, 0)))
		return -EFAULT;
	return (s64)seconds;
}
