/* SPDX-License-Identifier: MIT */
/* Exceptions: signals that cannot wait, because the program cannot go on. */
#include <arch/trap_frame.h>
#include <kernel/signal/internal.h>

/* Who blocks or ignores what it does itself gets the default. */
static __noinline void give_default(struct task *self, int signal)
{
	u64 flags = arch_spin_lock_irqsave(&self->process->signal.lock);

	self->process->signal.actions[signal - 1].handler = 0;
	self->signal.blocked &= ~SIGNAL_BIT(signal);
	arch_spin_unlock_irqrestore(&self->process->signal.lock, flags);
}

/* Without the lock: the mask is the task's own, and another thread that changes the action may be
 * a moment earlier or later. signal_deliver looks at it again. */
static bool is_caught(struct task *self, int signal)
{
	u64 handler = READ_ONCE(self->process->signal.actions[signal - 1].handler);
	bool blocked = self->signal.blocked & SIGNAL_BIT(signal);

	if (likely(handler > (u64)SIG_IGN && !blocked))
		return true;
	if (blocked || handler == (u64)SIG_IGN)
		give_default(self, signal);
	return false;
}

static void note_trap(struct signal_task *its, const struct trap_frame *frame,
		      const struct signal_fault *fault)
{
	its->frame.trap.vector = frame->vector;
	its->frame.trap.error = fault->trap_error;
	if (fault->trap_address)
		its->frame.trap.address = fault->trap_address;
}

bool signal_force(const struct trap_frame *frame, const struct signal_fault *fault)
{
	struct task *self = task_current();
	struct signal_task *its = &self->signal;

	if (!is_caught(self, fault->signal))
		return false;
	if (frame)
		note_trap(its, frame, fault);
	its->forced = (struct signal_info){
		.signo = fault->signal,
		.code = fault->code,
		.address = fault->address,
	};
	its->has_forced = true;
	arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
	return true;
}
