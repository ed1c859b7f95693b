/* SPDX-License-Identifier: MIT */
/* Exceptions that a program blocks or ignores. */
#include <kernel/signal/internal.h>

void signal_give_default(struct task *self, int signal)
{
	u64 flags = arch_spin_lock_irqsave(&self->process->signal.lock);

	self->process->signal.actions[signal - 1].handler = 0;
	self->signal.blocked &= ~SIGNAL_BIT(signal);
	arch_spin_unlock_irqrestore(&self->process->signal.lock, flags);
}
