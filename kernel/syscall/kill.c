/* SPDX-License-Identifier: MIT */
/* Signals to others. kill(2), tgkill(2), rt_sigqueueinfo(2). Everybody is root: no permission to be
 * asked for. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <kernel/signal/internal.h>
#include <kernel/syscall/signals.h>
#include <quench/string.h>

/* Signal 0 only asks whether there is somebody. */
static bool is_number(int signal)
{
	return (u32)signal <= SIGNAL_MAX;
}

static __noinline int send_to_other(int pid, const struct signal_info *info)
{
	struct process *process;
	int error;

	process = process_find(pid);
	if (!process)
		return -ESRCH;
	error = info->signo ? signal_send_process(process, info) : 0;
	process_put(process);
	return error;
}

static inline int send_to_process(int pid, const struct signal_info *info)
{
	struct process *mine = task_current()->process;

	if (pid != mine->pid)
		return send_to_other(pid, info);
	return info->signo ? signal_send_process(mine, info) : 0;
}

/* To all of a group; `pgid` -1: to all but init and the sender's own. */
static __noinline int send_to_many(int pgid, const struct signal_info *info)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	struct process *process, *mine = task_current()->process;
	int found = 0;

	if (!pgid)
		pgid = mine->pgid;
	list_for_each(process, &process_all, all)
	{
		if (pgid == -1 ? process->pid == 1 || process == mine : process->pgid != pgid)
			continue;
		found++;
		if (info->signo)
			(void)signal_send_process_locked(process, info);
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return found ? 0 : -ESRCH;
}

s64 sys_kill(const struct syscall *call)
{
	int pid = (int)call->arg[0];
	const struct signal_info info = {
		.signo = (int)call->arg[1],
		.code = SI_USER,
		.pid = task_current()->process->pid,
	};

	if (!is_number(info.signo))
		return -EINVAL;
	if (pid > 0)
		return send_to_process(pid, &info);
	if (pid == INT32_MIN)
		return -ESRCH;
	return send_to_many(pid == -1 ? -1 : -pid, &info);
}

/* `tgid` 0: whatever process it is in. */
static s64 send_to_task(int tgid, int pid, const struct signal_info *info)
{
	struct task *self = task_current(), *task = self;
	int error = -ESRCH;

	if (pid != self->pid)
		task = task_find(pid);
	if (!task)
		return -ESRCH;
	if (task->process && (!tgid || task->process->pid == tgid))
		error = info->signo ? signal_send_task(task, info) : 0;
	if (task != self)
		task_put(task);
	return error;
}

static s64 send_by_number(int tgid, int pid, int signal)
{
	const struct signal_info info = {
		.signo = signal,
		.code = SI_TKILL,
		.pid = task_current()->process->pid,
	};

	if (!is_number(signal) || pid <= 0)
		return -EINVAL;
	return send_to_task(tgid, pid, &info);
}

s64 sys_tkill(const struct syscall *call)
{
	return send_by_number(0, (int)call->arg[0], (int)call->arg[1]);
}

s64 sys_tgkill(const struct syscall *call)
{
	if ((int)call->arg[0] <= 0)
		return -EINVAL;
	return send_by_number((int)call->arg[0], (int)call->arg[1], (int)call->arg[2]);
}

#define SIGINFO_BYTES 128 /* a program's siginfo_t */

/* A program may say anything but that the kernel, or kill, has sent it. */
static int get_info(struct signal_info *info, const void __user *from, int signal, int pid)
{
	u8 rest[SIGINFO_BYTES - sizeof(*info)], more = 0;

	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	info->signo = signal;
	/* Of a code with a known meaning no more is there to be read. */
	if (info->code < SI_DETHREAD) {
		if (copy_from_user(rest, (const u8 __user *)from + sizeof(*info), sizeof(rest)))
			return -EFAULT;
		for (size_t i = 0; i < sizeof(rest); i++)
			more |= rest[i];
		if (more)
			return -E2BIG;
	}
	if ((info->code >= 0 || info->code == SI_TKILL) && task_current()->process->pid != pid)
		return -EPERM;
	return is_number(signal) ? 0 : -EINVAL;
}

s64 sys_rt_sigqueueinfo(const struct syscall *call)
{
	int pid = (int)call->arg[0];
	struct signal_info info;
	int error = get_info(&info, USER_POINTER(call, 2), (int)call->arg[1], pid);

	if (error)
		return error;
	return pid > 0 ? send_to_process(pid, &info) : -ESRCH;
}

s64 sys_rt_tgsigqueueinfo(const struct syscall *call)
{
	int tgid = (int)call->arg[0], pid = (int)call->arg[1];
	struct signal_info info;
	int error;

	if (tgid <= 0 || pid <= 0)
		return -EINVAL;
	error = get_info(&info, USER_POINTER(call, 3), (int)call->arg[2], tgid);
	return error ? error : send_to_task(tgid, pid, &info);
}
