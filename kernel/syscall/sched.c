/* SPDX-License-Identifier: MIT */
/* Who runs where and how much: sched_*, priorities. */
#include <arch/smp.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/clock.h>
#include <kernel/syscall/syscall.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sched/types.h>

#define SLICE_NS UINT64_C(4000000)

/* The task a call names: 0 is the caller. Referenced; NULL: ESRCH. */
static struct task *named(const struct syscall *call, unsigned arg)
{
	int pid = (int)call->arg[arg];

	if (pid)
		return task_find(pid);
	task_get(task_current());
	return task_current();
}

s64 sys_sched_yield(const struct syscall *call)
{
	sched_yield();
	return 0;
}

s64 sys_sched_setaffinity(const struct syscall *call)
{
	struct cpumask mask;
	size_t n = (u32)call->arg[1];
	struct task *task;
	int error;

	cpumask_zero(&mask);
	if (n > sizeof(mask))
		n = sizeof(mask);
	if (copy_from_user(&mask, USER_POINTER(call, 2), n))
		return -EFAULT;
	task = named(call, 0);
	if (!task)
		return -ESRCH;
	error = sched_set_affinity(task, &mask);
	task_put(task);
	return error;
}

s64 sys_sched_getaffinity(const struct syscall *call)
{
	size_t n = (u32)call->arg[1], bytes = (arch_cpu_count() + 63) / 64 * sizeof(u64);
	struct cpumask mask, online;
	struct task *task;

	if (n * 8 < arch_cpu_count() || n % sizeof(u64))
		return -EINVAL;
	task = named(call, 0);
	if (!task)
		return -ESRCH;
	mask = task->allowed;
	task_put(task);
	cpumask_first_n(&online, arch_cpu_count());
	for (unsigned i = 0; i < ARRAY_SIZE(mask.word); i++)
		mask.word[i] &= online.word[i];
	if (bytes > n)
		bytes = n;
	return copy_to_user(USER_POINTER(call, 2), &mask, bytes) ? -EFAULT : (s64)bytes;
}

static bool is_realtime(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* FIFO and RR run as OTHER does, with the answers their callers expect. */
static int set_policy(struct task *task, int policy, int priority)
{
	policy &= ~SCHED_RESET_ON_FORK;
	if (policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE &&
	    !is_realtime(policy))
		return -EINVAL;
	if (is_realtime(policy) ? priority < 1 || priority > 99 : priority)
		return -EINVAL;
	task->rt_priority = (u8)priority;
	sched_set_policy(task, (u8)policy, task->nice);
	return 0;
}

static s64 set_scheduler(const struct syscall *call, bool keep, unsigned param)
{
	u32 priority;
	struct task *task;
	int error;

	if ((int)call->arg[0] < 0 || !call->arg[param] || (!keep && (int)call->arg[1] < 0))
		return -EINVAL;
	if (get_user_32(&priority, USER_POINTER(call, param)))
		return -EFAULT;
	task = named(call, 0);
	if (!task)
		return -ESRCH;
	error = set_policy(task, keep ? task->policy : (int)call->arg[1], (int)priority);
	task_put(task);
	return error;
}

s64 sys_sched_setscheduler(const struct syscall *call)
{
	return set_scheduler(call, false, 2);
}

s64 sys_sched_setparam(const struct syscall *call)
{
	return set_scheduler(call, true, 1);
}

s64 sys_sched_getscheduler(const struct syscall *call)
{
	struct task *task;
	int policy;

	if ((int)call->arg[0] < 0)
		return -EINVAL;
	task = named(call, 0);
	if (!task)
		return -ESRCH;
	policy = task->policy;
	task_put(task);
	return policy;
}

s64 sys_sched_getparam(const struct syscall *call)
{
	struct task *task;
	u32 priority;

	if ((int)call->arg[0] < 0 || !call->arg[1])
		return -EINVAL;
	task = named(call, 0);
	if (!task)
		return -ESRCH;
	priority = task->rt_priority;
	task_put(task);
	return put_user_32(priority, USER_POINTER(call, 1));
}

static s64 limit_of(const struct syscall *call, s64 realtime)
{
	int policy = (int)call->arg[0];

	if (is_realtime(policy))
		return realtime;
	return policy == SCHED_NORMAL || policy == SCHED_BATCH || policy == SCHED_IDLE ? 0
										       : -EINVAL;
}

s64 sys_sched_get_priority_max(const struct syscall *call)
{
	return limit_of(call, 99);
}

s64 sys_sched_get_priority_min(const struct syscall *call)
{
	return limit_of(call, 1);
}

s64 sys_sched_rr_get_interval(const struct syscall *call)
{
	struct task *task;

	if ((int)call->arg[0] < 0)
		return -EINVAL;
	task = named(call, 0);
	if (!task)
		return -ESRCH;
	task_put(task);
	return clock_put_user(SLICE_NS, USER_POINTER(call, 1));
}

s64 sys_getcpu(const struct syscall *call)
{
	u32 cpu = arch_cpu_index();

	if (call->arg[0] && put_user_32(cpu, USER_POINTER(call, 0)))
		return -EFAULT;
	if (call->arg[1] && put_user_32(0, USER_POINTER(call, 1)))
		return -EFAULT;
	return 0;
}

/* Whether a task is meant by which and who of getpriority(2). There is one user: root. */
static bool is_meant(const struct task *task, int which, int who)
{
	const struct process *mine = task_current()->process;

	switch (which) {
	case PRIO_PROCESS:
		return who ? task->pid == who : task == task_current();
	case PRIO_PGRP:
		return task->process->pgid == (who ? who : mine->pgid);
	default:
		return who == 0;
	}
}

/* Sets `nice`, or finds the best there is (both as 20 - nice); 0: nobody is meant. */
static int each_meant(int which, int who, const int *nice)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	struct process *process;
	struct task *task;
	int best = 0;

	list_for_each(process, &process_all, all)
	{
		list_for_each(task, &process->tasks, sibling)
		{
			if (!is_meant(task, which, who))
				continue;
			if (nice)
				sched_set_policy(task, task->policy, *nice);
			if (best < 20 - task->nice)
				best = 20 - task->nice;
		}
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return best;
}

s64 sys_getpriority(const struct syscall *call)
{
	int which = (int)call->arg[0], best;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	best = each_meant(which, (int)call->arg[1], NULL);
	return best ? best : -ESRCH;
}

s64 sys_setpriority(const struct syscall *call)
{
	int which = (int)call->arg[0], nice = (int)call->arg[2];

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	nice = nice < NICE_MIN ? NICE_MIN : nice > NICE_MAX ? NICE_MAX : nice;
	return each_meant(which, (int)call->arg[1], &nice) ? 0 : -ESRCH;
}
