/* SPDX-License-Identifier: MIT */
/* Weak stand-ins for functions other subsystems are about to bring. */
#include <kernel/mm/aspace.h>
#include <kernel/proc/futex.h>
#include <kernel/signal/signal.h>

#define __weak __attribute__((weak))

__weak void aspace_get(struct aspace *aspace)
{
}
__weak void aspace_put(struct aspace *aspace)
{
	aspace_destroy(aspace);
}
__weak struct aspace *aspace_fork(struct aspace *aspace)
{
	return NULL;
}
__weak int aspace_futex_key(struct aspace *aspace, u64 address, struct futex_key *key)
{
	return 0;
}

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
