/* SPDX-License-Identifier: MIT */
/* futex(2) and the robust list. */
#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/proc/futex.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/clock.h>
#include <kernel/syscall/syscall.h>
#include <linux/futex.h>

/* When a wait ends: FUTEX_WAIT's time is a span, the others' a point. */
static int get_deadline(const struct syscall *call, u32 operation, bool realtime, u64 *deadline)
{
	u64 ns;
	int error;

	*deadline = SCHED_FOREVER;
	if (!call->arg[3])
		return 0;
	error = clock_get_user(USER_POINTER(call, 3), &ns);
	if (error)
		return error;
	if (operation == FUTEX_WAIT)
		*deadline = clock_after(ns);
	else
		*deadline = realtime ? clock_of_real(ns) : ns;
	return 0;
}

static s64 wait_again(struct restart_block *block)
{
	return futex_wait(block->arg[0], block->arg[1], (u32)block->arg[2], (u32)block->arg[3],
			  block->deadline);
}

static s64 wait(const struct syscall *call, u32 operation, bool shared, bool realtime)
{
	u32 bitset = operation == FUTEX_WAIT ? FUTEX_BITSET_MATCH_ANY : (u32)call->arg[5];
	u64 deadline;
	int error = get_deadline(call, operation, realtime, &deadline);

	if (!error)
		error = futex_wait(call->arg[0], shared, (u32)call->arg[2], bitset, deadline);
	if (error != -ERESTARTSYS || deadline == SCHED_FOREVER)
		return error;
	task_current()->restart = (struct restart_block){
		.fn = wait_again,
		.deadline = deadline,
		.arg = { call->arg[0], shared, (u32)call->arg[2], bitset },
	};
	return -ERESTART_RESTARTBLOCK;
}

static s64 other(const struct syscall *call);

s64 sys_futex(const struct syscall *call)
{
	s32 n = (s32)call->arg[2];

	/* The two that are called all the time; Linux wakes one where none is asked for. */
	if (call->arg[1] == (FUTEX_WAKE | FUTEX_PRIVATE_FLAG))
		return futex_wake(call->arg[0], false, n > 0 ? (u32)n : 1, FUTEX_BITSET_MATCH_ANY);
	if (call->arg[1] == (FUTEX_WAIT | FUTEX_PRIVATE_FLAG) && !call->arg[3])
		return futex_wait(call->arg[0], false, (u32)n, FUTEX_BITSET_MATCH_ANY,
				  SCHED_FOREVER);
	return other(call);
}

static s64 other(const struct syscall *call)
{
	u32 operation = (u32)call->arg[1] & FUTEX_CMD_MASK;
	bool shared = !((u32)call->arg[1] & FUTEX_PRIVATE_FLAG);
	bool realtime = (u32)call->arg[1] & FUTEX_CLOCK_REALTIME;
	s32 n = (s32)call->arg[2], more = (s32)call->arg[3];

	if (realtime && operation != FUTEX_WAIT_BITSET && operation != FUTEX_WAIT)
		return -ENOSYS;
	switch (operation) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
		return wait(call, operation, shared, realtime);
	case FUTEX_WAKE:
		return futex_wake(call->arg[0], shared, n > 0 ? (u32)n : 1, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(call->arg[0], shared, n > 0 ? (u32)n : 1, (u32)call->arg[5]);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		if (n < 0 || more < 0)
			return -EINVAL;
		return futex_requeue(call->arg[0], call->arg[4], shared, (u32)n, (u32)more,
				     operation == FUTEX_CMP_REQUEUE, (u32)call->arg[5]);
	default:
		return -ENOSYS;
	}
}

s64 sys_set_robust_list(const struct syscall *call)
{
	if (call->arg[1] != sizeof(struct robust_list_head))
		return -EINVAL;
	task_current()->robust_list = call->arg[0];
	return 0;
}

s64 sys_get_robust_list(const struct syscall *call)
{
	int pid = (int)call->arg[0];
	struct task *task = pid ? task_find(pid) : task_current();
	u64 head;

	if (!task)
		return -ESRCH;
	head = task->robust_list;
	if (pid)
		task_put(task);
	if (put_user_64(sizeof(struct robust_list_head), USER_POINTER(call, 2)))
		return -EFAULT;
	return put_user_64(head, USER_POINTER(call, 1));
}
