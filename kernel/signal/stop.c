/* SPDX-License-Identifier: MIT */
/*
 * Job control. The task that takes a stop signal makes all of its process stop; each sleeps as soon
 * as it would go back to its program, and the last to do so tells the parent.
 */
#include <arch/task.h>
#include <asm/siginfo.h>
#include <kernel/signal/internal.h>

/* wait(2) and SIGCHLD. Tree locked. */
static void tell_parent(struct process *process, enum process_event event, int code, int signal)
{
	struct process *parent = process->parent;
	const struct signal_action *action;
	const struct signal_info info = {
		.signo = SIGCHLD,
		.code = code,
		.pid = process->pid,
		.status = signal,
	};

	process->events = event;
	process->stop_signal = signal;
	if (!parent)
		return;
	action = &parent->signal.actions[SIGCHLD - 1];
	if (action->handler != (u64)SIG_IGN && !(action->flags & SA_NOCLDSTOP))
		(void)signal_send_process_locked(parent, &info);
	wait_wake(&parent->waits, WAIT_ALL, 0);
}

static bool all_stopped(const struct process *process)
{
	const struct task *task;

	list_for_each(task, &process->tasks, sibling)
	{
		if (!task->signal.stopped && !task->signal.ended)
			return false;
	}
	return true;
}

void signal_stop_check(struct process *process)
{
	struct signal_process *its = &process->signal;

	if (!its->stop || its->stop_told || !all_stopped(process))
		return;
	its->stop_told = true;
	tell_parent(process, PROCESS_STOPPED, CLD_STOPPED, its->stop);
}

/* Whether nobody outside the group could make it go on: then the terminal's stop signals do
 * nothing. POSIX, "Orphaned Process Group". Tree locked. */
static bool group_is_orphaned(const struct process *process)
{
	const struct process *member;

	list_for_each(member, &process_all, all)
	{
		const struct process *parent = member->parent;

		if (member->pgid == process->pgid && !member->zombie && parent &&
		    parent->pgid != member->pgid && parent->sid == member->sid)
			return false;
	}
	return true;
}

void signal_stop_begin(struct task *self)
{
	struct process *process = self->process;
	struct signal_process *its = &process->signal;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	int signal;
	struct task *task;

	arch_spin_lock(&its->lock);
	signal = its->stop_wanted; /* 0: SIGCONT was faster */
	its->stop_wanted = 0;
	if (signal && !process->ending && (signal == SIGSTOP || !group_is_orphaned(process))) {
		its->stop = signal;
		its->stop_told = false;
		list_for_each(task, &process->tasks, sibling) signal_notify(task);
	}
	arch_spin_unlock(&its->lock);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
}

static bool enter_stop(struct task *self)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool stops = self->process->signal.stop;

	if (stops) {
		WRITE_ONCE(self->signal.stopped, true);
		signal_stop_check(self->process);
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return stops;
}

void signal_stop_here(struct task *self)
{
	if (!enter_stop(self))
		return;
	for (;;) {
		sched_prepare(TASK_STOPPED);
		if (!READ_ONCE(self->signal.stopped) ||
		    arch_work_get(&self->arch) & TASK_WORK_DOOMED)
			break;
		sched_sleep();
	}
	sched_running();
}

void signal_continue(struct process *process)
{
	struct signal_process *its = &process->signal;
	bool told = its->stop_told;
	struct task *task;

	arch_spin_lock(&its->lock);
	its->stop_wanted = 0;
	bool stopped = its->stop;

	its->stop = 0;
	its->stop_told = false;
	arch_spin_unlock(&its->lock);
	if (!stopped)
		return;
	list_for_each(task, &process->tasks, sibling)
	{
		WRITE_ONCE(task->signal.stopped, false);
		sched_wake(task, TASK_STOPPED);
	}
	if (told)
		tell_parent(process, PROCESS_CONTINUED, CLD_CONTINUED, SIGCONT);
}
