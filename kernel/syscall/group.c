/* SPDX-License-Identifier: MIT */
/* Process groups and sessions: setpgid(2), setsid(2). */
#include <asm/errno.h>
#include <kernel/proc/create.h>
#include <kernel/syscall/signals.h>

/* Tree locked. */
static void join_group(struct process *process, int pgid)
{
	pid_hold(pgid);
	pid_release(process->pgid);
	process->pgid = pgid;
}

static bool group_exists(int pgid, int sid)
{
	const struct process *process;

	list_for_each(process, &process_all, all)
	{
		if (process->pgid == pgid && process->sid == sid)
			return true;
	}
	return false;
}

/* Tree locked. */
static int set_group(struct process *mine, int pid, int pgid)
{
	struct process *process = pid ? pid_process(pid) : mine;

	if (!process)
		return -ESRCH;
	if (process != mine && process->parent != mine)
		return -ESRCH;
	if (process != mine && process->sid != mine->sid)
		return -EPERM;
	if (process != mine && process->executed)
		return -EACCES;
	if (process->sid == process->pid)
		return -EPERM;
	if (!pgid)
		pgid = process->pid;
	if (pgid != process->pid && !group_exists(pgid, mine->sid))
		return -EPERM;
	join_group(process, pgid);
	return 0;
}

s64 sys_setpgid(const struct syscall *call)
{
	int pid = (int)call->arg[0], pgid = (int)call->arg[1], error;
	u64 flags;

	if (pgid < 0)
		return -EINVAL;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	error = set_group(task_current()->process, pid, pgid);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return error;
}

static s64 ask(int pid, bool session)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	const struct task *task = pid ? pid_task(pid) : task_current();
	const struct process *process = task ? task->process : pid_process(pid);
	s64 result = !process ? -ESRCH : session ? process->sid : process->pgid;

	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return result;
}

s64 sys_getpgid(const struct syscall *call)
{
	return ask((int)call->arg[0], false);
}

s64 sys_getpgrp(const struct syscall *call)
{
	return ask(0, false);
}

s64 sys_getsid(const struct syscall *call)
{
	return ask((int)call->arg[0], true);
}

static bool group_is_used(int pgid)
{
	const struct process *process;

	list_for_each(process, &process_all, all)
	{
		if (process->pgid == pgid)
			return true;
	}
	return false;
}

s64 sys_setsid(const struct syscall *call)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	struct process *process = task_current()->process;
	s64 result = -EPERM;

	if (process->sid != process->pid && !group_is_used(process->pid)) {
		pid_hold(process->pid);
		pid_release(process->sid);
		process->sid = process->pid;
		join_group(process, process->pid);
		result = process->pid;
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return result;
}
