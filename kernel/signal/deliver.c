/* SPDX-License-Identifier: MIT */
/* On the way to user mode: which signal is taken, and what it does. */
#include <asm/errno.h>
#include <asm/unistd_64.h>
#include <kernel/signal/internal.h>
#include <linux/signal.h>

/* What is to be done outside the lock. */
enum step { STEP_NONE, STEP_AGAIN, STEP_HANDLER, STEP_END, STEP_STOP_BEGIN, STEP_STOP };

struct taken {
	const struct signal_info *info; /* `queued`, or the task's `forced` or `own` */
	struct signal_info queued;
	u64 flags;   /* of its action */
	u64 blocked; /* newly, for a handler */
	bool forced;
};

/* A handler will run: its mask is the task's from here on. Locked, or the only thread. */
static __inlined void prepare_handler(struct task *self, struct signal_action *action,
				      struct taken *taken)
{
	struct signal_task *its = &self->signal;
	u64 flags = action->flags, more = action->mask;

	if (!(flags & SA_NODEFER))
		more |= SIGNAL_BIT(taken->info->signo);
	its->frame.handler = action->handler;
	its->frame.restorer = action->restorer;
	its->frame.mask = its->restore ? its->saved : its->blocked;
	its->frame.signal = taken->info->signo;
	its->frame.on_stack = flags & SA_ONSTACK;
	if (flags & SA_RESETHAND)
		action->handler = 0;
	taken->flags = flags;
	taken->blocked = more & ~its->blocked;
	its->restore = false;
	its->blocked |= more & ~SIGNALS_UNBLOCKABLE;
	its->passing = false;
	/* Cleared first: who does not hold the lock misses nobody who sets it now. */
	arch_work_clear(&self->arch, ARCH_WORK_SIGNAL);
	if (unlikely(signal_is_due(self)))
		arch_work_set(&self->arch, ARCH_WORK_SIGNAL);
}

/* Locked. */
static enum step judge(struct task *self, struct taken *taken)
{
	struct process *process = self->process;
	int signal = taken->info->signo;
	struct signal_action *action = &process->signal.actions[signal - 1];

	if (action->handler > (u64)SIG_IGN) {
		prepare_handler(self, action, taken);
		return STEP_HANDLER;
	}
	if (!taken->forced && signal_is_ignored(process, signal))
		return STEP_AGAIN;
	if (signal_default(signal) != SIGNAL_STOPS)
		return STEP_END;
	process->signal.stop_wanted = signal;
	return STEP_STOP_BEGIN;
}

/* The next one there is; false: none. Locked. */
static bool choose(struct signal_task *its, struct task *self, struct taken *taken)
{
	taken->forced = its->has_forced;
	if (its->has_forced) {
		its->has_forced = false;
		taken->info = &its->forced;
		return true;
	}
	if (its->has_own) {
		its->has_own = false;
		taken->info = &its->own;
		if (likely(!(its->blocked & SIGNAL_BIT(its->own.signo))))
			return true;
		(void)signal_post(self->process, &its->pending, &its->spare, &its->own);
	}
	taken->info = &taken->queued;
	return signal_take(self, ~its->blocked, &taken->queued);
}

/* Locked. */
static enum step take_one(struct task *self, struct taken *taken)
{
	struct signal_task *its = &self->signal;

	if (unlikely(self->process->signal.stop_wanted))
		return STEP_STOP_BEGIN;
	if (unlikely(self->process->signal.stop))
		return STEP_STOP;
	if (likely(choose(its, self, taken)))
		return judge(self, taken);
	its->passing = false;
	arch_work_clear(&self->arch, ARCH_WORK_SIGNAL);
	return STEP_NONE;
}

static enum step take(struct task *self, struct taken *taken)
{
	struct arch_spinlock *lock = &self->process->signal.lock;
	enum step step;

	arch_spin_lock_irq(lock);
	do
		step = take_one(self, taken);
	while (step == STEP_AGAIN);
	arch_spin_unlock_irq(lock);
	return step;
}

/* -ERESTART...: kept out of programs' sight. `handler`: one runs first, with these flags. */
static __noinline void settle_interrupted(struct full_frame *frame, bool handler, u64 flags)
{
	s64 result = (s64)frame->trap.rax;

	if (result == -ERESTART_RESTARTBLOCK && !handler) {
		arch_frame_repeat(frame, __NR_restart_syscall);
		return;
	}
	if (handler && (result == -ERESTART_RESTARTBLOCK || result == -ERESTARTNOHAND ||
			(result == -ERESTARTSYS && !(flags & SA_RESTART)))) {
		frame->trap.rax = (u64)-EINTR;
		return;
	}
	arch_frame_repeat(frame, arch_frame_number(frame));
}

static inline void settle_call(struct full_frame *frame, bool handler, u64 flags)
{
	s64 result = (s64)frame->trap.rax;

	if (unlikely(result >= -ERESTART_RESTARTBLOCK && result <= -ERESTARTSYS) &&
	    arch_frame_is_syscall(frame))
		settle_interrupted(frame, handler, flags);
}

/* The stack cannot take the frame. For SIGSEGV itself there is no way out. */
static __noinline void fail(struct task *self, struct taken *taken, const struct full_frame *frame)
{
	const struct signal_fault fault = { .signal = SIGSEGV, .code = 0x80 /* SI_KERNEL */ };

	signal_set_blocked(self, self->signal.frame.mask);
	if (taken->info->signo == SIGSEGV || !signal_force(NULL, &fault))
		process_kill(SIGSEGV, &frame->trap, "no room for a signal's frame on its stack");
}

static __inlined void run_handler(struct task *self, struct full_frame *frame, struct taken *taken)
{
	struct arch_signal *signal = &self->signal.frame;
	const struct signal_info *info = taken->flags & SA_SIGINFO ? taken->info : NULL;

	settle_call(frame, true, taken->flags);
	if (unlikely(!(taken->flags & SA_RESTORER) || arch_signal_push(frame, signal, info))) {
		fail(self, taken, frame);
		return;
	}
	if (unlikely(signal->stack.flags & SS_AUTODISARM))
		signal->stack = (struct arch_signal_stack){ 0 };
}

/* Nothing is left. */
static void finish(struct task *self, struct full_frame *frame)
{
	settle_call(frame, false, 0);
	if (self->signal.restore) {
		self->signal.restore = false;
		signal_set_blocked(self, self->signal.saved);
	}
}

/*
 * The commonest: what the only thread of a process has brought upon itself, for a handler. Nobody
 * else changes actions, takes signals or blocks them: no lock. True when it is done.
 */
static bool deliver_own(struct task *self, struct full_frame *frame)
{
	const struct signal_process *process = &self->process->signal;
	struct signal_task *its = &self->signal;
	bool forced = its->has_forced;
	struct signal_action *action;
	struct taken taken;

	taken.info = forced ? &its->forced : &its->own;
	if (!(forced || its->has_own) || READ_ONCE(self->process->nr_tasks) != 1 ||
	    READ_ONCE(process->stop) || READ_ONCE(process->stop_wanted))
		return false;
	action = &self->process->signal.actions[taken.info->signo - 1];
	if (action->handler <= (u64)SIG_IGN ||
	    (!forced && its->blocked & SIGNAL_BIT(taken.info->signo)))
		return false;
	*(forced ? &its->has_forced : &its->has_own) = false;
	prepare_handler(self, action, &taken);
	run_handler(self, frame, &taken);
	return true;
}

static __noinline void deliver(struct task *self, struct full_frame *frame)
{
	struct taken taken;

	switch (take(self, &taken)) {
	case STEP_HANDLER:
		if (READ_ONCE(self->process->nr_tasks) > 1)
			signal_hand_over(self, taken.blocked);
		run_handler(self, frame, &taken);
		break;
	case STEP_END:
		process_exit_signal(taken.info->signo);
	case STEP_STOP_BEGIN:
		signal_stop_begin(self);
		break;
	case STEP_STOP:
		signal_stop_here(self);
		break;
	default:
		finish(self, frame);
	}
}

void signal_deliver(struct full_frame *frame)
{
	struct task *self = task_current();

	if (!deliver_own(self, frame))
		deliver(self, frame);
}

/* What sigaltstack(2) would refuse is left as it is. */
static void take_stack(struct task *self, const struct arch_signal_stack *stack)
{
	if (stack->bytes && stack->bytes < MINSIGSTKSZ)
		return;
	self->signal.frame.stack = *stack;
	if (!stack->bytes)
		self->signal.frame.stack.flags = 0;
}

void signal_return(struct full_frame *frame)
{
	static const struct signal_fault fault = { .signal = SIGSEGV, .code = 0x80 };
	struct task *self = task_current();
	struct arch_signal_stack stack;
	u64 mask = self->signal.blocked;
	int error = arch_signal_pop(frame, &mask, &stack);

	self->restart.fn = NULL;
	if (mask != self->signal.blocked)
		signal_set_blocked(self, mask);
	if (!error) {
		take_stack(self, &stack);
		return;
	}
	if (!signal_force(NULL, &fault))
		process_kill(SIGSEGV, &frame->trap, "sigreturn without a frame on its stack");
}
