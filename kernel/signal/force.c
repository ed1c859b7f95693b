/* SPDX-License-Identifier: MIT */
/* Exceptions: signals that cannot wait, because the program cannot go on. */
#include <arch/trap_frame.h>
#include <kernel/signal/internal.h>

/* Who blocks or ignores what it does itself gets the default. Locked. */
static bool is_caught(struct task *self, int signal)
{
	struct signal_action *action = &self->process->signal.actions[signal - 1];

	if (self->signal.blocked & SIGNAL_BIT(signal) || action->handler == (u64)SIG_IGN) {
		action->handler = 0;
		self->signal.blocked &= ~SIGNAL_BIT(signal);
	}
	return action->handler;
}

static void note_trap(struct signal_task *its, const struct trap_frame *frame,
		      const struct signal_fault *fault)
{
	if (!frame)
		return;
	its->trap = frame->vector;
	its->trap_error = fault->trap_error;
	if (fault->trap_address)
		its->trap_address = fault->trap_address;
}

bool signal_force(const struct trap_frame *frame, const struct signal_fault *fault)
{
	struct task *self = task_current();
	struct signal_task *its = &self->signal;
	u64 flags = arch_spin_lock_irqsave(&self->process->signal.lock);
	bool caught = is_caught(self, fault->signal);

	if (caught) {
		note_trap(its, frame, fault);
		its->forced = (struct signal_info){
			.signo = fault->signal,
			.code = fault->code,
			.address = fault->address,
		};
		its->has_forced = true;
		arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
	}
	arch_spin_unlock_irqrestore(&self->process->signal.lock, flags);
	return caught;
}
