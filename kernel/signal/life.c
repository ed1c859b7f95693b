/* SPDX-License-Identifier: MIT */
/* Signals in the life of tasks and processes: clone, execve, the end, SIGCHLD. */
#include <asm/siginfo.h>
#include <kernel/proc/create.h>
#include <kernel/signal/internal.h>
#include <linux/sched.h>
#include <quench/string.h>

static void copy_actions(struct process *to, struct process *from, u64 clone_flags)
{
	u64 flags = arch_spin_lock_irqsave(&from->signal.lock);

	memcpy(to->signal.actions, from->signal.actions, sizeof(to->signal.actions));
	arch_spin_unlock_irqrestore(&from->signal.lock, flags);
	if (!(clone_flags & CLONE_CLEAR_SIGHAND))
		return;
	for (int i = 0; i < SIGNAL_MAX; i++) {
		if (to->signal.actions[i].handler != (u64)SIG_IGN)
			to->signal.actions[i].handler = 0;
	}
}

int signal_clone(struct task *child, struct task *self, u64 flags)
{
	child->signal.blocked = self->signal.blocked;
	/* One that shares memory and goes on beside its maker needs a stack of its own. */
	if (!(flags & CLONE_VM) || flags & CLONE_VFORK)
		child->signal.frame.stack = self->signal.frame.stack;
	if (flags & CLONE_THREAD) /* its process may be about to stop: it looks at once */
		arch_work_set(&child->arch, ARCH_WORK_SIGNAL);
	else
		copy_actions(child->process, self->process, flags);
	return 0;
}

void signal_exec(struct task *self)
{
	struct signal_process *its = &self->process->signal;
	u64 flags = arch_spin_lock_irqsave(&its->lock);

	for (int i = 0; i < SIGNAL_MAX; i++) {
		if (its->actions[i].handler > (u64)SIG_IGN)
			its->actions[i].handler = 0;
		its->actions[i].flags = its->actions[i].mask = its->actions[i].restorer = 0;
	}
	arch_spin_unlock_irqrestore(&its->lock, flags);
	self->signal.frame.stack = (struct arch_signal_stack){ 0 };
}

/* Whether it is the last of its process. Tree locked. */
static bool end_locked(struct task *self)
{
	struct process *process = self->process;
	bool last = process->nr_tasks == 1;

	arch_spin_lock(&process->signal.lock);
	self->signal.ended = true;
	signal_free(process, signal_pending_drop(&self->signal.pending, ~UINT64_C(0)));
	if (last)
		signal_free(process, signal_pending_drop(&process->signal.pending, ~UINT64_C(0)));
	arch_spin_unlock(&process->signal.lock);
	if (!last)
		signal_stop_check(process);
	return last;
}

void signal_task_ended(struct task *self)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool last = end_locked(self);

	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	if (last && self->process->signal.real.is_set_up)
		timer_cancel(&self->process->signal.real.timer);
	if (!last)
		signal_hand_over(self, ~self->signal.blocked);
}

static struct signal_info child_info(const struct process *child)
{
	int status = child->wait_status;
	struct signal_info info = { .signo = child->exit_signal, .pid = child->pid };
	/* In ticks of 10 ms, times(2). */
	u64 ticks = sched_ticks_to_ns(child->ran) / 10000000;

	info.code = !(status & 0x7f) ? CLD_EXITED : status & 0x80 ? CLD_DUMPED : CLD_KILLED;
	info.status = status & 0x7f ? status & 0x7f : status >> 8 & 0xff;
	info.user_ticks = (s64)ticks;
	return info;
}

bool signal_child_ended(struct process *parent, struct process *child)
{
	const struct signal_action *action = &parent->signal.actions[SIGCHLD - 1];
	struct signal_info info = { .signo = SIGCHLD, .code = 0x80 };
	bool forgotten = false;

	if (child) {
		info = child_info(child);
		if (!info.signo)
			return false;
		forgotten = info.signo == SIGCHLD &&
			    (action->handler == (u64)SIG_IGN || action->flags & SA_NOCLDWAIT);
	}
	if (info.signo != SIGCHLD || action->handler != (u64)SIG_IGN)
		(void)signal_send_process_locked(parent, &info);
	return forgotten;
}
