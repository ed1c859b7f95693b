/* SPDX-License-Identifier: MIT */
/*
 * Sending signals. A task that signals itself and takes the signal needs no lock but its process';
 * everything else goes under process_tree_lock, because other tasks of the process are looked at.
 */
#include <arch/smp.h>
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/create.h>
#include <kernel/proc/init.h>
#include <kernel/signal/internal.h>

/* Whatever RLIMIT_SIGPENDING says. */
#define MAX_QUEUED 16384

void signal_free(struct process *process, struct signal_entry *entry)
{
	struct signal_entry *next;

	for (; entry; entry = next) {
		next = entry->next;
		if (entry->taken) {
			*entry->taken = false;
		} else {
			process->signal.queued--;
			kfree(entry);
		}
	}
}

static struct signal_entry *entry_create(struct process *process, struct signal_spare *spare)
{
	struct signal_entry *entry;

	if (!spare->taken) {
		spare->taken = true;
		spare->entry.taken = &spare->taken;
		return &spare->entry;
	}
	if (process->signal.queued >= MAX_QUEUED ||
	    process->signal.queued >= process->limits[RLIMIT_SIGPENDING].rlim_cur)
		return NULL;
	entry = kmalloc(sizeof(*entry));
	if (entry) {
		entry->taken = NULL;
		process->signal.queued++;
	}
	return entry;
}

int signal_post(struct process *process, struct signal_pending *pending, struct signal_spare *spare,
		const struct signal_info *info)
{
	int signal = info->signo;
	struct signal_entry *entry;

	if (signal < SIGNAL_FIRST_QUEUED && pending->set & SIGNAL_BIT(signal))
		return 0;
	entry = entry_create(process, spare);
	if (entry) {
		entry->info = *info;
		signal_pending_add(pending, entry);
		return 0;
	}
	/* A bare one still comes; with a value, who sends it must know that it is lost. */
	if (signal >= SIGNAL_FIRST_QUEUED && info->code != SI_USER)
		return -EAGAIN;
	pending->set |= SIGNAL_BIT(signal);
	return 0;
}

void signal_notify(struct task *task)
{
	unsigned cpu;

	arch_work_set(&task->arch, ARCH_WORK_SIGNAL);
	if (task == task_current() || sched_wake(task, TASK_INTERRUPTIBLE))
		return;
	cpu = READ_ONCE(task->cpu);
	if (cpu != arch_cpu_index())
		arch_kick(cpu);
}

/* The first program takes only what it has asked for: it must not end by accident. */
bool signal_is_ignored(const struct process *process, int signal)
{
	u64 handler = process->signal.actions[signal - 1].handler;

	if (handler)
		return handler == (u64)SIG_IGN;
	return signal_default(signal) == SIGNAL_IGNORES || process == READ_ONCE(process_init);
}

static bool is_fatal(const struct process *process, int signal)
{
	return !process->signal.actions[signal - 1].handler &&
	       signal_default(signal) == SIGNAL_ENDS;
}

/* Whether the task would see the signal now. Locked. */
static bool takes(const struct task *task, int signal)
{
	const struct signal_task *its = &task->signal;

	return !its->ended && !(READ_ONCE(its->blocked) & ~its->waiting & SIGNAL_BIT(signal));
}

static bool blocks(const struct task *task, int signal)
{
	return READ_ONCE(task->signal.blocked) & SIGNAL_BIT(signal);
}

/* Who gets it: the running task if it can. Tree locked, locked. */
static struct task *choose(struct process *process, int signal)
{
	struct task *self = task_current(), *task;

	if (self->process == process && takes(self, signal))
		return self;
	list_for_each(task, &process->tasks, sibling)
	{
		if (takes(task, signal))
			return task;
	}
	return NULL;
}

/* Tree locked. */
static void drop(struct process *process, u64 set)
{
	struct task *task;

	signal_free(process, signal_pending_drop(&process->signal.pending, set));
	list_for_each(task, &process->tasks, sibling)
		signal_free(process, signal_pending_drop(&task->signal.pending, set));
}

/* A stop signal and SIGCONT undo each other, whoever blocks or ignores them. Tree locked. */
static void undo_opposite(struct process *process, int signal)
{
	u64 bit = SIGNAL_BIT(signal), opposite = SIGNAL_BIT(SIGCONT);

	if (!(bit & (SIGNALS_STOP | SIGNAL_BIT(SIGCONT))))
		return;
	if (signal == SIGCONT) {
		signal_continue(process);
		opposite = SIGNALS_STOP;
	}
	arch_spin_lock(&process->signal.lock);
	drop(process, opposite);
	arch_spin_unlock(&process->signal.lock);
}

/* The only thread of a process changes its mask without a lock (signal_set_blocked). */
static struct task *look_again(struct process *process, struct task *only, int signal)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (only)
		return takes(only, signal) ? only : NULL;
	return choose(process, signal);
}

enum outcome { POSTED, ENDS };

/* Tree locked, locked. */
static int deliver_to(struct process *process, struct task *only, const struct signal_info *info,
		      enum outcome *outcome)
{
	int error, signal = info->signo;
	struct task *target = only && !takes(only, signal) ? NULL
			      : only                       ? only
							   : choose(process, signal);

	if (target && !blocks(target, signal)) {
		if (signal_is_ignored(process, signal))
			return 0;
		if (is_fatal(process, signal) && (!process->signal.stop || signal == SIGKILL)) {
			*outcome = ENDS;
			return 0;
		}
	}
	error = only ? signal_post(process, &only->signal.pending, &only->signal.spare, info)
		     : signal_post(process, &process->signal.pending, &process->signal.spare, info);
	if (!error && !target)
		target = look_again(process, only, signal);
	if (!error && target)
		signal_notify(target);
	return error;
}

/* Tree locked: as process_end, but the running task goes too when it is one of them. */
static void end(struct process *process, int signal)
{
	process->ending = true;
	process->wait_status = signal;
	process_doom(process, NULL);
}

static int send(struct process *process, struct task *only, const struct signal_info *info)
{
	enum outcome outcome = POSTED;
	int error;

	if (process->ending || process->zombie)
		return 0;
	undo_opposite(process, info->signo);
	arch_spin_lock(&process->signal.lock);
	error = deliver_to(process, only, info, &outcome);
	arch_spin_unlock(&process->signal.lock);
	if (outcome == ENDS)
		end(process, info->signo);
	return error;
}

/*
 * The commonest: a program of one thread sends itself what a handler waits for. That handler runs
 * as soon as this call returns, so nothing is queued and nothing locked: nobody else could take the
 * signal, and of mask and actions the task is the only writer. True when it is done.
 */
static inline bool keep_own(struct task *self, const struct signal_info *info)
{
	const struct signal_process *process = &self->process->signal;
	struct signal_task *its = &self->signal;
	u64 bit = SIGNAL_BIT(info->signo);

	if (preempt_count() || READ_ONCE(self->process->nr_tasks) != 1)
		return false;
	if (process->actions[info->signo - 1].handler <= (u64)SIG_IGN ||
	    bit & (its->blocked | SIGNALS_STOP | SIGNAL_BIT(SIGCONT)))
		return false;
	/* After those that have come before. */
	if (its->has_own || its->ended ||
	    READ_ONCE(its->pending.set) | READ_ONCE(process->pending.set))
		return false;
	its->own = *info;
	its->has_own = true;
	arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
	return true;
}

/* The common cases: true when it is done, with *error. */
static bool send_to_self(struct task *self, bool only, const struct signal_info *info, int *error)
{
	struct process *process = self->process;
	struct signal_process *its = &process->signal;
	int signal = info->signo;
	bool done = false;
	u64 flags;

	if (SIGNAL_BIT(signal) & (SIGNALS_STOP | SIGNAL_BIT(SIGCONT)))
		return false;
	flags = arch_spin_lock_irqsave(&its->lock);
	*error = 0;
	if (takes(self, signal) && !blocks(self, signal)) {
		done = signal_is_ignored(process, signal);
		if (!done && !is_fatal(process, signal)) {
			done = true;
			*error = only ? signal_post(process, &self->signal.pending,
						    &self->signal.spare, info)
				      : signal_post(process, &its->pending, &its->spare, info);
			arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
		}
	}
	arch_spin_unlock_irqrestore(&its->lock, flags);
	return done;
}

int signal_send_process_locked(struct process *process, const struct signal_info *info)
{
	return send(process, NULL, info);
}

static __noinline int send_task(struct task *task, const struct signal_info *info)
{
	u64 flags;
	int error;

	if (task == task_current() && send_to_self(task, true, info, &error))
		return error;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	error = task->process ? send(task->process, task, info) : 0;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return error;
}

int signal_send_task(struct task *task, const struct signal_info *info)
{
	return task == task_current() && keep_own(task, info) ? 0 : send_task(task, info);
}

static __noinline int send_process(struct process *process, const struct signal_info *info)
{
	struct task *self = task_current();
	u64 flags;
	int error;

	if (self && self->process == process && send_to_self(self, false, info, &error))
		return error;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	error = send(process, NULL, info);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return error;
}

int signal_send_process(struct process *process, const struct signal_info *info)
{
	struct task *self = task_current();

	if (self && self->process == process && keep_own(self, info))
		return 0;
	return send_process(process, info);
}

void signal_raise(int signal)
{
	const struct signal_info info = { .signo = signal };

	(void)signal_send_task(task_current(), &info);
}
