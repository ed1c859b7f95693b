/* SPDX-License-Identifier: MIT */
/* Sleeping for a time, and times of programs. */
#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/proc/process.h>
#include <kernel/sched/wait.h>
#include <kernel/syscall/clock.h>
#include <kernel/syscall/syscall.h>
#include <linux/time.h>
#include <linux/time_types.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define MAX_SECONDS   (INT64_MAX / (s64)NS_PER_SECOND - 1)

int clock_get_user(const void __user *from, u64 *ns)
{
	struct __kernel_timespec time;

	if (copy_from_user(&time, from, sizeof(time)))
		return -EFAULT;
	if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= (s64)NS_PER_SECOND)
		return -EINVAL;
	if (time.tv_sec > MAX_SECONDS)
		time.tv_sec = MAX_SECONDS;
	*ns = (u64)time.tv_sec * NS_PER_SECOND + (u64)time.tv_nsec;
	return 0;
}

int clock_put_user(u64 ns, void __user *to)
{
	const struct __kernel_timespec time = {
		.tv_sec = (s64)(ns / NS_PER_SECOND),
		.tv_nsec = (s64)(ns % NS_PER_SECOND),
	};

	return copy_to_user(to, &time, sizeof(time)) ? -EFAULT : 0;
}

u64 clock_after(u64 ns)
{
	return arch_clock_ns() + ns; /* both below 2^63 */
}

u64 clock_of_real(u64 ns)
{
	u64 boot = arch_boot_seconds() * NS_PER_SECOND;

	return ns > boot ? ns - boot : 0;
}

/* 0, or -ERESTARTSYS with the deadline still ahead. */
static int sleep_until(u64 deadline)
{
	while (arch_clock_ns() < deadline) {
		int error;

		sched_prepare(TASK_INTERRUPTIBLE);
		error = wait_interrupted(TASK_INTERRUPTIBLE);
		if (error) {
			sched_running();
			return error;
		}
		sched_sleep_until(deadline);
	}
	return 0;
}

static s64 sleep_again(struct restart_block *block);

/* Cut short by a signal: says what is left, and how to go on. */
static s64 cut_short(u64 deadline, u64 rest)
{
	u64 now = arch_clock_ns();

	if (rest && clock_put_user(deadline > now ? deadline - now : 0, (void __user *)rest))
		return -EFAULT;
	task_current()->restart = (struct restart_block){
		.fn = sleep_again,
		.deadline = deadline,
		.arg = { rest },
	};
	return -ERESTART_RESTARTBLOCK;
}

static s64 sleep_again(struct restart_block *block)
{
	return sleep_until(block->deadline) ? cut_short(block->deadline, block->arg[0]) : 0;
}

s64 sys_nanosleep(const struct syscall *call)
{
	u64 ns, deadline;
	int error = clock_get_user(USER_POINTER(call, 0), &ns);

	if (error)
		return error;
	deadline = clock_after(ns);
	return sleep_until(deadline) ? cut_short(deadline, call->arg[1]) : 0;
}

s64 sys_clock_nanosleep(const struct syscall *call)
{
	int clock = (int)call->arg[0];
	bool real = clock == CLOCK_REALTIME || clock == CLOCK_TAI;
	bool absolute = call->arg[1] & TIMER_ABSTIME;
	u64 ns, deadline;
	int error;

	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return -EOPNOTSUPP;
	if (!real && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE ||
				       clock == CLOCK_MONOTONIC_COARSE
			       ? -EOPNOTSUPP
			       : -EINVAL;
	error = clock_get_user(USER_POINTER(call, 2), &ns);
	if (error)
		return error;
	if (!absolute) {
		deadline = clock_after(ns);
		return sleep_until(deadline) ? cut_short(deadline, call->arg[3]) : 0;
	}
	/* Asked for again it is the same point in time. */
	return sleep_until(real ? clock_of_real(ns) : ns) ? -ERESTARTNOHAND : 0;
}
