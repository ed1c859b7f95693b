/* SPDX-License-Identifier: MIT */
/* Actions, and waiting for signals. */
#include <arch/cpu.h>
#include <asm/errno.h>
#include <kernel/signal/action.h>
#include <kernel/signal/internal.h>

#define FLAGS                                                                              \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | \
	 SA_RESETHAND | SA_RESTORER | SA_EXPOSE_TAGBITS)

/* One that is ignored from now on is not pending either. Tree locked, locked. */
static void forget(struct process *process, int signal)
{
	struct task *task;
	u64 bit = SIGNAL_BIT(signal);

	signal_free(process, signal_pending_drop(&process->signal.pending, bit));
	list_for_each(task, &process->tasks, sibling)
		signal_free(process, signal_pending_drop(&task->signal.pending, bit));
}

static void set_action(struct process *process, int signal, const struct signal_action *to)
{
	struct signal_action *action = &process->signal.actions[signal - 1];

	*action = *to;
	action->flags &= FLAGS;
	action->mask &= ~SIGNALS_UNBLOCKABLE;
}

static bool ignores(const struct signal_action *action, int signal)
{
	return action->handler == (u64)SIG_IGN ||
	       (!action->handler && signal_default(signal) == SIGNAL_IGNORES);
}

int signal_action(int signal, const struct signal_action *to, struct signal_action *was)
{
	struct process *process = task_current()->process;
	bool forgets = to && ignores(to, signal);
	u64 flags;

	if (to && SIGNAL_BIT(signal) & SIGNALS_UNBLOCKABLE)
		return -EINVAL;
	flags = arch_interrupts_save();
	if (forgets)
		arch_spin_lock(&process_tree_lock);
	arch_spin_lock(&process->signal.lock);
	*was = process->signal.actions[signal - 1];
	if (to)
		set_action(process, signal, to);
	if (forgets)
		forget(process, signal);
	arch_spin_unlock(&process->signal.lock);
	if (forgets)
		arch_spin_unlock(&process_tree_lock);
	arch_interrupts_restore(flags);
	return 0;
}

u64 signal_pending_set(void)
{
	const struct task *self = task_current();

	return (READ_ONCE(self->signal.pending.set) |
		READ_ONCE(self->process->signal.pending.set)) &
	       self->signal.blocked;
}

s64 signal_suspend(u64 mask)
{
	struct task *self = task_current();

	self->signal.saved = self->signal.blocked;
	self->signal.restore = true;
	signal_set_blocked(self, mask);
	for (;;) {
		sched_prepare(TASK_INTERRUPTIBLE);
		if (wait_interrupted(TASK_INTERRUPTIBLE))
			break;
		sched_sleep();
	}
	sched_running();
	return -ERESTARTNOHAND;
}

/* While it waits, the signals it waits for are its own to take. */
static int try(struct task *self, u64 set, u64 waiting, struct signal_info *info)
{
	struct arch_spinlock *lock = &self->process->signal.lock;
	u64 flags = arch_spin_lock_irqsave(lock);
	int signal = signal_take(self, set, info);

	self->signal.waiting = signal ? 0 : waiting;
	arch_spin_unlock_irqrestore(lock, flags);
	return signal;
}

static int sleep(struct task *self, u64 set, u64 deadline, struct signal_info *info)
{
	int signal, error = 0;

	for (;;) {
		sched_prepare(TASK_INTERRUPTIBLE);
		signal = try(self, set, set, info);
		if (signal)
			break;
		error = wait_interrupted(TASK_INTERRUPTIBLE);
		if (error)
			break;
		if (!sched_sleep_until(deadline)) {
			error = -EAGAIN;
			break;
		}
	}
	sched_running();
	if (!signal)
		signal = try(self, set, 0, info);
	if (signal)
		return signal;
	return error == -EAGAIN ? -EAGAIN : -EINTR;
}

int signal_wait(u64 set, u64 deadline, struct signal_info *info)
{
	struct task *self = task_current();
	int signal;

	set &= ~SIGNALS_UNBLOCKABLE;
	signal = try(self, set, 0, info);
	if (signal || !deadline)
		return signal ? signal : -EAGAIN;
	return sleep(self, set, deadline, info);
}
