/* SPDX-License-Identifier: MIT */
/* Tasks and processes: numbers, fork, clone, execve, the end, waiting. */
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <kernel/proc/clone.h>
#include <kernel/proc/execve.h>
#include <kernel/proc/process.h>
#include <kernel/proc/reap.h>
#include <kernel/syscall/full.h>
#include <kernel/syscall/syscall.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/wait.h>

s64 sys_getpid(const struct syscall *call)
{
	return task_current()->tgid;
}

s64 sys_gettid(const struct syscall *call)
{
	return task_current()->pid;
}

s64 sys_getppid(const struct syscall *call)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	const struct process *parent = task_current()->process->parent;
	int pid = parent ? parent->pid : 0;

	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return pid;
}

s64 sys_set_tid_address(const struct syscall *call)
{
	task_current()->clear_child_tid = call->arg[0];
	return task_current()->pid;
}

s64 sys_exit(const struct syscall *call)
{
	task_exit((int)call->arg[0]);
}

s64 sys_exit_group(const struct syscall *call)
{
	process_exit((int)call->arg[0]);
}

/* fork, vfork, clone and execve are about all registers: full.c calls them again with those. */
s64 sys_want_full_frame(const struct syscall *call)
{
	arch_want_full_frame();
	return 0;
}

s64 full_fork(struct full_frame *frame)
{
	const struct clone_request request = { .exit_signal = SIGCHLD };

	return clone_task(&request, frame);
}

s64 full_vfork(struct full_frame *frame)
{
	const struct clone_request request = {
		.flags = CLONE_VFORK | CLONE_VM,
		.exit_signal = SIGCHLD,
	};

	return clone_task(&request, frame);
}

s64 full_clone(struct full_frame *frame)
{
	const struct trap_frame *trap = &frame->trap;
	const struct clone_request request = {
		.flags = (u32)trap->rdi & ~(u64)CSIGNAL,
		.exit_signal = (int)(trap->rdi & CSIGNAL),
		.stack = trap->rsi,
		.parent_tid = trap->rdx,
		.child_tid = trap->r10,
		.tls = trap->r8,
	};

	return clone_task(&request, frame);
}

s64 full_execve(struct full_frame *frame)
{
	return execve(frame->trap.rdi, frame->trap.rsi, frame->trap.rdx, frame);
}

static int put_usage(const struct reap_result *result, void __user *to)
{
	struct rusage usage = { 0 };
	u64 us = sched_ticks_to_ns(result->ran) / 1000;

	usage.ru_utime.tv_sec = (s64)(us / 1000000);
	usage.ru_utime.tv_usec = (s64)(us % 1000000);
	return to && copy_to_user(to, &usage, sizeof(usage)) ? -EFAULT : 0;
}

s64 sys_wait4(const struct syscall *call)
{
	int pid = (int)call->arg[0];
	u32 options = (u32)call->arg[2];
	struct reap_request request = { .options = (options & ~WUNTRACED) | WEXITED };
	struct reap_result result;
	int error;

	if (options & ~(u32)(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	request.kind = pid == -1 ? REAP_ANY : pid > 0 ? REAP_PID : REAP_GROUP;
	request.id = pid > 0 ? pid : pid ? -pid : task_current()->process->pgid;
	if (options & WUNTRACED)
		request.options |= WSTOPPED;
	error = reap(&request, &result);
	if (error || !result.pid)
		return error;
	if (call->arg[1] && put_user_32((u32)result.wait_status, USER_POINTER(call, 1)))
		return -EFAULT;
	error = put_usage(&result, USER_POINTER(call, 3));
	return error ? error : result.pid;
}

static int put_siginfo(const struct reap_result *result, void __user *to)
{
	siginfo_t info = { 0 };

	if (!to)
		return 0;
	if (result->pid) {
		info.si_signo = SIGCHLD;
		info.si_code = result->code;
		info.si_pid = result->pid;
		info.si_uid = (u32)result->uid;
		info.si_status = result->status;
	}
	/* Linux writes these six fields and leaves the rest alone. */
	return copy_to_user(to, &info, offsetof(siginfo_t, si_status) + sizeof(int)) ? -EFAULT : 0;
}

s64 sys_waitid(const struct syscall *call)
{
	u32 options = (u32)call->arg[3], states = WEXITED | WSTOPPED | WCONTINUED;
	struct reap_request request = { .id = (int)call->arg[1], .options = options };
	struct reap_result result;
	int error;

	if (options & ~(states | WNOHANG | WNOWAIT | __WNOTHREAD | __WCLONE | __WALL) ||
	    !(options & states))
		return -EINVAL;
	switch ((int)call->arg[0]) {
	case P_ALL:
		request.kind = REAP_ANY;
		break;
	case P_PID:
		request.kind = REAP_PID;
		break;
	case P_PGID:
		request.kind = REAP_GROUP;
		if (!request.id)
			request.id = task_current()->process->pgid;
		break;
	default:
		return -EINVAL;
	}
	if (request.kind != REAP_ANY && request.id <= 0)
		return -EINVAL;
	error = reap(&request, &result);
	if (error)
		return error;
	error = put_siginfo(&result, USER_POINTER(call, 2));
	return error || !result.pid ? error : put_usage(&result, USER_POINTER(call, 4));
}
