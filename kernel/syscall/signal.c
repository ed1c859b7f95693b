/* SPDX-License-Identifier: MIT */
/* What a program asks about its own signals. */
#include <arch/cpu.h>
#include <arch/signal_frame.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/signal/action.h>
#include <kernel/signal/internal.h>
#include <kernel/syscall/clock.h>
#include <kernel/syscall/signals.h>
#include <linux/signal.h>

#define SET_BYTES sizeof(u64)

s64 sys_rt_sigaction(const struct syscall *call)
{
	u32 signal = (u32)call->arg[0];
	bool changes = call->arg[1];
	struct signal_action to, was;
	int error;

	if (call->arg[3] != SET_BYTES)
		return -EINVAL;
	if (changes && copy_from_user(&to, USER_POINTER(call, 1), sizeof(to)))
		return -EFAULT;
	if (!signal || signal > SIGNAL_MAX)
		return -EINVAL;
	error = signal_action((int)signal, changes ? &to : NULL, &was);
	if (error)
		return error;
	/* The change stays when the old one cannot be told, as on Linux. */
	if (call->arg[2] && copy_to_user(USER_POINTER(call, 2), &was, sizeof(was)))
		return -EFAULT;
	return 0;
}

s64 sys_rt_sigprocmask(const struct syscall *call)
{
	struct task *self = task_current();
	u64 was = self->signal.blocked, set;

	if (call->arg[3] != SET_BYTES)
		return -EINVAL;
	if (call->arg[1]) {
		if (get_user_64(&set, USER_POINTER(call, 1)))
			return -EFAULT;
		switch ((int)call->arg[0]) {
		case SIG_BLOCK:
			set |= was;
			break;
		case SIG_UNBLOCK:
			set = was & ~set;
			break;
		case SIG_SETMASK:
			break;
		default:
			return -EINVAL;
		}
		signal_set_blocked(self, set);
	}
	return call->arg[2] ? put_user_64(was, USER_POINTER(call, 2)) : 0;
}

s64 sys_rt_sigpending(const struct syscall *call)
{
	u64 set = signal_pending_set();

	if (call->arg[1] > SET_BYTES)
		return -EINVAL;
	return copy_to_user(USER_POINTER(call, 0), &set, call->arg[1]) ? -EFAULT : 0;
}

s64 sys_rt_sigsuspend(const struct syscall *call)
{
	u64 mask;

	if (call->arg[1] != SET_BYTES)
		return -EINVAL;
	if (get_user_64(&mask, USER_POINTER(call, 0)))
		return -EFAULT;
	return signal_suspend(mask);
}

s64 sys_pause(const struct syscall *call)
{
	return signal_suspend(task_current()->signal.blocked);
}

s64 sys_rt_sigtimedwait(const struct syscall *call)
{
	struct signal_info info[128 / sizeof(struct signal_info) + 1] = { 0 };
	u64 set, ns, deadline = SCHED_FOREVER;
	int error, signal;

	if (call->arg[3] != SET_BYTES)
		return -EINVAL;
	if (get_user_64(&set, USER_POINTER(call, 0)))
		return -EFAULT;
	if (call->arg[2]) {
		error = clock_get_user(USER_POINTER(call, 2), &ns);
		if (error)
			return error;
		deadline = ns ? clock_after(ns) : 0;
	}
	signal = signal_wait(set, deadline, info);
	if (signal > 0 && call->arg[1] && copy_to_user(USER_POINTER(call, 1), info, 128))
		return -EFAULT;
	return signal;
}

static int set_stack(struct signal_task *its, const stack_t *to)
{
	u32 mode = (u32)to->ss_flags & ~SS_FLAG_BITS;

	if (mode && mode != SS_DISABLE && mode != SS_ONSTACK)
		return -EINVAL;
	if (mode != SS_DISABLE && to->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	its->frame.stack = (struct arch_signal_stack){ 0 };
	if (mode != SS_DISABLE)
		its->frame.stack = (struct arch_signal_stack){ (u64)to->ss_sp, to->ss_size,
							       (u32)to->ss_flags & SS_FLAG_BITS };
	return 0;
}

s64 sys_sigaltstack(const struct syscall *call)
{
	struct signal_task *its = &task_current()->signal;
	const struct arch_signal_stack now = its->frame.stack;
	bool inside = !(now.flags & SS_AUTODISARM) &&
		      arch_signal_on_stack(&now, arch_user_stack_pointer());
	stack_t to, was = {
		.ss_sp = (void *)now.base,
		.ss_size = now.bytes,
		.ss_flags = (int)(now.flags | (!now.bytes ? SS_DISABLE
					       : inside   ? SS_ONSTACK
							  : 0)),
	};
	int error = 0;

	if (call->arg[0]) {
		if (copy_from_user(&to, USER_POINTER(call, 0), sizeof(to)))
			return -EFAULT;
		error = inside ? -EPERM : set_stack(its, &to);
	}
	if (!error && call->arg[1] && copy_to_user(USER_POINTER(call, 1), &was, sizeof(was)))
		return -EFAULT;
	return error;
}

/* Made by signal_deliver in place of a call that says how to go on. */
s64 sys_restart_syscall(const struct syscall *call)
{
	struct restart_block *block = &task_current()->restart;

	return block->fn ? block->fn(block) : -EINTR;
}
