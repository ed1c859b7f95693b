/* SPDX-License-Identifier: MIT */
/* Weak stand-ins for functions other subsystems are about to bring. */
#include <kernel/signal/signal.h>

#define __weak __attribute__((weak))

__weak bool signal_interrupts(struct task *self)
{
	return true;
}
__weak bool signal_kills(struct task *self)
{
	return true;
}
__weak int signal_clone(struct task *child, struct task *self, u64 flags)
{
	return 0;
}
__weak void signal_exec(struct task *self)
{
}
__weak void signal_task_ended(struct task *self)
{
}
__weak bool signal_child_ended(struct process *parent, struct process *child)
{
	return false;
}
__weak void signal_deliver(struct full_frame *frame)
{
	arch_work_clear(arch_current(), ARCH_WORK_SIGNAL);
}
