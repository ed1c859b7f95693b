/* SPDX-License-Identifier: MIT */
/* Limits, and what has been used: prlimit(2), getrusage(2), times(2), sysinfo(2). */
#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/mm/page.h>
#include <kernel/proc/create.h>
#include <kernel/syscall/signals.h>
#include <linux/resource.h>
#include <linux/sysinfo.h>
#include <linux/times.h>
#include <quench/string.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define NS_PER_TICK   UINT64_C(10000000) /* of times(2) */

/* Tree locked. */
static int change(struct process *process, unsigned which, const struct rlimit64 *to,
		  struct rlimit64 *was)
{
	*was = process->limits[which];
	if (!to)
		return 0;
	if (to->rlim_cur > to->rlim_max)
		return -EINVAL;
	/* As Linux's nr_open: no process is to have a table beyond all measure. */
	if (which == RLIMIT_NOFILE && to->rlim_max > FD_MAX)
		return -EPERM;
	process->limits[which] = *to;
	return 0;
}

static int limit(int pid, unsigned which, const struct rlimit64 *to, struct rlimit64 *was)
{
	const struct task *task = task_current();
	u64 flags;
	int error = -ESRCH;

	if (which >= RLIM_NLIMITS)
		return -EINVAL;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	if (pid)
		task = pid_task(pid);
	if (task && task->process)
		error = change(task->process, which, to, was);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return error;
}

/* struct rlimit is struct rlimit64 on this machine. */
s64 sys_getrlimit(const struct syscall *call)
{
	struct rlimit64 was;
	int error = limit(0, (u32)call->arg[0], NULL, &was);

	if (error)
		return error;
	return copy_to_user(USER_POINTER(call, 1), &was, sizeof(was)) ? -EFAULT : 0;
}

s64 sys_setrlimit(const struct syscall *call)
{
	struct rlimit64 to, was;

	if (copy_from_user(&to, USER_POINTER(call, 1), sizeof(to)))
		return -EFAULT;
	return limit(0, (u32)call->arg[0], &to, &was);
}

s64 sys_prlimit64(const struct syscall *call)
{
	struct rlimit64 to, was;
	int error;

	if (call->arg[2] && copy_from_user(&to, USER_POINTER(call, 2), sizeof(to)))
		return -EFAULT;
	error = limit((int)call->arg[0], (u32)call->arg[1], call->arg[2] ? &to : NULL, &was);
	if (!error && call->arg[3] && copy_to_user(USER_POINTER(call, 3), &was, sizeof(was)))
		return -EFAULT;
	return error;
}

/* Of the running process: what its ended tasks and those that live have had. */
static u64 ran_ns(bool children)
{
	struct process *process = task_current()->process;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	u64 ns = sched_ticks_to_ns(children ? process->children_ran : process->ran);
	const struct task *task;

	if (!children) {
		list_for_each(task, &process->tasks, sibling) ns += sched_runtime_ns(task);
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return ns;
}

/* All time counts as the program's own: the kernel keeps no second account. */
s64 sys_getrusage(const struct syscall *call)
{
	int who = (int)call->arg[0];
	struct rusage usage = { 0 };
	u64 us;

	if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != RUSAGE_THREAD)
		return -EINVAL;
	us = (who == RUSAGE_THREAD ? sched_runtime_ns(task_current())
				   : ran_ns(who == RUSAGE_CHILDREN)) /
	     1000;
	usage.ru_utime.tv_sec = (s64)(us / 1000000);
	usage.ru_utime.tv_usec = (s64)(us % 1000000);
	if (who == RUSAGE_SELF)
		usage.ru_maxrss = (s64)(task_current()->aspace->resident * (PAGE_BYTES / 1024));
	return copy_to_user(USER_POINTER(call, 1), &usage, sizeof(usage)) ? -EFAULT : 0;
}

s64 sys_times(const struct syscall *call)
{
	struct tms times = { 0 };

	if (call->arg[0]) {
		times.tms_utime = (s64)(ran_ns(false) / NS_PER_TICK);
		times.tms_cutime = (s64)(ran_ns(true) / NS_PER_TICK);
		if (copy_to_user(USER_POINTER(call, 0), &times, sizeof(times)))
			return -EFAULT;
	}
	return (s64)(arch_clock_ns() / NS_PER_TICK);
}

static u16 count_tasks(void)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	const struct process *process;
	u32 nr = 0;

	list_for_each(process, &process_all, all) nr += process->nr_tasks;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return (u16)(nr < UINT16_MAX ? nr : UINT16_MAX);
}

s64 sys_sysinfo(const struct syscall *call)
{
	struct sysinfo info;

	memset(&info, 0, sizeof(info)); /* padding too: it leaves the kernel */
	info.uptime = (s64)((arch_clock_ns() + NS_PER_SECOND - 1) / NS_PER_SECOND);
	info.totalram = page_total_count() * PAGE_BYTES;
	info.freeram = page_free_count() * PAGE_BYTES;
	info.procs = count_tasks();
	info.mem_unit = 1;
	return copy_to_user(USER_POINTER(call, 0), &info, sizeof(info)) ? -EFAULT : 0;
}
