/* SPDX-License-Identifier: MIT */
/* What a task does on its way back to its program: make way, end, take signals. */
#include <arch/task.h>
#include <kernel/proc/create.h>
#include <kernel/signal/signal.h>
#include <quench/upcalls.h>

void kernel_user_return_work(struct full_frame *frame)
{
	struct task *self = task_current();
	u32 work = arch_work_get(&self->arch);

	/* Most often. */
	if (likely(work == ARCH_WORK_SIGNAL)) {
		signal_deliver(frame);
		return;
	}
	if (work & TASK_WORK_DOOMED)
		task_exit_doomed();
	if (work & ARCH_WORK_RESCHED)
		kernel_preempt();
	if (work & ARCH_WORK_SIGNAL)
		signal_deliver(frame);
}
