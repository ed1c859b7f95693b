/* SPDX-License-Identifier: MIT */
/* alarm(2), setitimer(2): in real time only; a process' own time is not followed that closely. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/signal/action.h>
#include <kernel/syscall/signals.h>
#include <linux/time.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_US     1000
#define MAX_SECONDS   (INT64_MAX / (s64)NS_PER_SECOND - 1)

s64 sys_alarm(const struct syscall *call)
{
	const struct signal_timer_value to = { .left = (u32)call->arg[0] * NS_PER_SECOND };
	struct signal_timer_value was;

	signal_timer_set(&to, &was);
	/* To the nearest second, but never 0 for one that is set. */
	if (was.left && was.left < NS_PER_SECOND)
		return 1;
	return (s64)((was.left + NS_PER_SECOND / 2) / NS_PER_SECOND);
}

static int ns_of(const struct __kernel_old_timeval *time, u64 *ns)
{
	s64 seconds = time->tv_sec;

	if (seconds < 0 || time->tv_usec < 0 || time->tv_usec >= 1000000)
		return -EINVAL;
	if (seconds > MAX_SECONDS)
		seconds = MAX_SECONDS;
	*ns = (u64)seconds * NS_PER_SECOND + (u64)time->tv_usec * NS_PER_US;
	return 0;
}

static struct __kernel_old_timeval time_of(u64 ns)
{
	return (struct __kernel_old_timeval){
		.tv_sec = (s64)(ns / NS_PER_SECOND),
		.tv_usec = (s64)(ns % NS_PER_SECOND / NS_PER_US),
	};
}

/* struct itimerval, with the kernel's own names for its times. */
struct interval {
	struct __kernel_old_timeval interval, value;
};

static int judge(int which)
{
	if (which == ITIMER_REAL)
		return 0;
	return -EINVAL;
}

static s64 put(const struct signal_timer_value *value, void __user *to)
{
	const struct interval user = { time_of(value->interval), time_of(value->left) };

	return copy_to_user(to, &user, sizeof(user)) ? -EFAULT : 0;
}

s64 sys_getitimer(const struct syscall *call)
{
	struct signal_timer_value now;
	int error = judge((int)call->arg[0]);

	if (error)
		return error;
	signal_timer_get(&now);
	return put(&now, USER_POINTER(call, 1));
}

s64 sys_setitimer(const struct syscall *call)
{
	struct signal_timer_value to = { 0 }, was;
	struct interval user = { 0 };
	int error = judge((int)call->arg[0]);

	if (!error && call->arg[1] && copy_from_user(&user, USER_POINTER(call, 1), sizeof(user)))
		error = -EFAULT;
	if (!error)
		error = ns_of(&user.value, &to.left);
	if (!error)
		error = ns_of(&user.interval, &to.interval);
	if (error)
		return error;
	signal_timer_set(&to, &was);
	return call->arg[2] ? put(&was, USER_POINTER(call, 2)) : 0;
}
