/* SPDX-License-Identifier: MIT */
/* Which number is which call with all registers. */
#include <asm/errno.h>
#include <asm/unistd_64.h>
#include <kernel/signal/signal.h>
#include <kernel/syscall/full.h>
#include <quench/upcalls.h>

void kernel_syscall_full(struct full_frame *frame)
{
	s64 result = -ENOSYS;

	if (likely((u32)frame->trap.error == __NR_rt_sigreturn)) {
		signal_return(frame);
		return;
	}
	switch ((u32)frame->trap.error) {
	case __NR_fork:
		result = full_fork(frame);
		break;
	case __NR_vfork:
		result = full_vfork(frame);
		break;
	case __NR_clone:
		result = full_clone(frame);
		break;
	case __NR_execve:
		result = full_execve(frame);
		if (!result)
			return; /* rax is the new program's */
		break;
	default:
		break;
	}
	frame->trap.rax = (u64)result;
}
