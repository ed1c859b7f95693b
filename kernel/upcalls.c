/* SPDX-License-Identifier: MIT */
/* What the arch may call up to, for subsystems that are not linked in: each does the least. */
#include <arch/smp.h>
#include <arch/task.h>
#include <asm/errno.h>
#include <quench/upcalls.h>

#define __weak __attribute__((weak))

__weak void kernel_timer(struct trap_frame *frame)
{
}

__weak void kernel_syscall_full(struct full_frame *frame)
{
	frame->trap.rax = (u64)-ENOSYS;
}

__weak void kernel_user_return_work(struct full_frame *frame)
{
	struct arch_task *task = arch_current();

	arch_work_clear(task, arch_work_get(task));
}

__weak void kernel_preempt(void)
{
}

__weak void kernel_cpu_main(void)
{
	for (;;)
		arch_halt();
}
