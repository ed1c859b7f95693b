/* SPDX-License-Identifier: MIT */
/* What a task blocks, what it has to take, and waiting with another mask. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/signal/internal.h>

static int take_from(struct process *process, struct signal_pending *pending, u64 set,
		     struct signal_info *info)
{
	struct signal_entry *entry;
	int signal;

	if (!(pending->set & set))
		return 0;
	signal = signal_first(pending->set & set);
	entry = signal_pending_take(pending, signal);
	if (!entry) {
		*info = (struct signal_info){ .signo = signal };
		return signal;
	}
	*info = entry->info;
	entry->next = NULL;
	if (entry->taken)
		*entry->taken = false;
	else
		signal_free(process, entry);
	return signal;
}

int signal_take(struct task *task, u64 set, struct signal_info *info)
{
	struct process *process = task->process;
	int signal = take_from(process, &task->signal.pending, set, info);

	return signal ? signal : take_from(process, &process->signal.pending, set, info);
}

void signal_hand_over(struct task *self, u64 set)
{
	struct process *process = self->process;
	struct task *task;
	u64 flags;

	if (!(READ_ONCE(process->signal.pending.set) & set))
		return;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	list_for_each(task, &process->tasks, sibling)
	{
		if (task != self && process->signal.pending.set & set & ~task->signal.blocked)
			signal_notify(task);
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
}

static __noinline void set_blocked_among_others(struct task *self, u64 blocked)
{
	struct arch_spinlock *lock = &self->process->signal.lock;
	u64 before;

	arch_spin_lock_irq(lock);
	before = self->signal.blocked;
	self->signal.blocked = blocked;
	if (signal_is_due(self))
		arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
	arch_spin_unlock_irq(lock);
	signal_hand_over(self, blocked & ~before);
}

/* The only thread needs no lock: it changes the mask and then looks for signals, with a full
 * barrier between; who sends posts one and then looks at the mask (deliver_to in send.c). */
void signal_set_blocked(struct task *self, u64 blocked)
{
	blocked &= ~SIGNALS_UNBLOCKABLE;
	if (unlikely(READ_ONCE(self->process->nr_tasks) > 1)) {
		set_blocked_among_others(self, blocked);
		return;
	}
	__atomic_store_n(&self->signal.blocked, blocked, __ATOMIC_SEQ_CST);
	if (unlikely(signal_is_due(self)))
		arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
}

int signal_wait_mask(const void __user *mask, size_t bytes)
{
	struct task *self = task_current();
	u64 blocked;

	if (!mask)
		return 0;
	if (bytes != sizeof(blocked))
		return -EINVAL;
	if (get_user_64(&blocked, mask))
		return -EFAULT;
	self->signal.saved = self->signal.blocked;
	self->signal.restore = true;
	signal_set_blocked(self, blocked);
	return 0;
}

void signal_wait_mask_end(bool interrupted)
{
	struct task *self = task_current();

	if (!self->signal.restore)
		return;
	if (interrupted) { /* signal_deliver sees to it */
		arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
		return;
	}
	self->signal.restore = false;
	signal_set_blocked(self, self->signal.saved);
}

/* One that another task has taken meanwhile leaves the bit behind, and no wait may sleep with it:
 * so it goes. But once a call has been told to end for a signal, it stays until signal_deliver has
 * put that right. */
bool signal_interrupts(struct task *self)
{
	struct signal_task *its = &self->signal;
	u64 flags;

	if (its->passing)
		return true;
	flags = arch_spin_lock_irqsave(&self->process->signal.lock);
	its->passing = signal_is_due(self);
	if (!its->passing)
		arch_work_clear(&self->arch, ARCH_WORK_SIGNAL);
	arch_spin_unlock_irqrestore(&self->process->signal.lock, flags);
	return its->passing;
}

/* Those that kill make the task a doomed one at once. */
bool signal_kills(struct task *self)
{
	return false;
}
