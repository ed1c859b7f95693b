/* SPDX-License-Identifier: MIT */
/* On the way to user mode: which signal is taken, and what it does. */
#include <asm/errno.h>
#include <asm/unistd_64.h>
#include <kernel/signal/internal.h>
#include <linux/signal.h>

/* What is to be done outside the lock. */
enum step { STEP_NONE, STEP_AGAIN, STEP_HANDLER, STEP_END, STEP_STOP_BEGIN, STEP_STOP };

struct taken {
	struct signal_info info;
	struct signal_action action;
	u64 before;  /* the mask that sigreturn goes back to */
	u64 blocked; /* newly */
	bool forced;
};

/* A handler will run: its mask is the task's from here on. Locked. */
static void prepare_handler(struct task *self, struct signal_action *action, struct taken *taken)
{
	struct signal_task *its = &self->signal;
	u64 bit = SIGNAL_BIT(taken->info.signo);
	u64 more = taken->action.mask | (taken->action.flags & SA_NODEFER ? 0 : bit);

	if (taken->action.flags & SA_RESETHAND)
		action->handler = 0;
	taken->before = its->restore ? its->saved : its->blocked;
	taken->blocked = more & ~its->blocked;
	its->restore = false;
	its->blocked |= more & ~SIGNALS_UNBLOCKABLE;
	its->passing = false;
	if (!signal_is_due(self))
		arch_work_clear(&self->arch, ARCH_WORK_SIGNAL);
}

/* Locked. */
static enum step judge(struct task *self, struct taken *taken)
{
	struct process *process = self->process;
	int signal = taken->info.signo;
	struct signal_action *action = &process->signal.actions[signal - 1];

	taken->action = *action;
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

/* Locked. */
static enum step take_one(struct task *self, struct taken *taken)
{
	struct signal_task *its = &self->signal;

	if (self->process->signal.stop_wanted)
		return STEP_STOP_BEGIN;
	if (self->process->signal.stop)
		return STEP_STOP;
	taken->forced = its->has_forced;
	if (its->has_forced) {
		its->has_forced = false;
		taken->info = its->forced;
	} else if (!signal_take(self, ~its->blocked, &taken->info)) {
		its->passing = false;
		arch_work_clear(&self->arch, ARCH_WORK_SIGNAL);
		return STEP_NONE;
	}
	return judge(self, taken);
}

static enum step take(struct task *self, struct taken *taken)
{
	struct arch_spinlock *lock = &self->process->signal.lock;
	u64 flags = arch_spin_lock_irqsave(lock);
	enum step step;

	do
		step = take_one(self, taken);
	while (step == STEP_AGAIN);
	arch_spin_unlock_irqrestore(lock, flags);
	return step;
}

/* -ERESTART...: kept out of programs' sight. `handler`: one runs first, with these flags. */
static void settle_call(struct task *self, struct full_frame *frame, bool handler, u64 flags)
{
	s64 result = (s64)frame->trap.rax;

	if (!arch_frame_is_syscall(frame) || result < -ERESTART_RESTARTBLOCK ||
	    result > -ERESTARTSYS)
		return;
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

/* The stack cannot take the frame. For SIGSEGV itself there is no way out. */
static void fail(struct task *self, struct taken *taken, const struct full_frame *frame)
{
	const struct signal_fault fault = { .signal = SIGSEGV, .code = 0x80 /* SI_KERNEL */ };

	signal_set_blocked(self, taken->before);
	if (taken->info.signo == SIGSEGV || !signal_force(NULL, &fault))
		process_kill(SIGSEGV, &frame->trap, "no room for a signal's frame on its stack");
}

static void run_handler(struct task *self, struct full_frame *frame, struct taken *taken)
{
	struct signal_task *its = &self->signal;
	const struct signal_action *action = &taken->action;
	const struct arch_signal signal = {
		.signal = taken->info.signo,
		.handler = action->handler,
		.restorer = action->restorer,
		.mask = taken->before,
		.info = action->flags & SA_SIGINFO ? &taken->info : NULL,
		.on_stack = action->flags & SA_ONSTACK,
		.stack = { its->stack, its->stack_bytes, its->stack_flags },
		.trap = its->trap,
		.trap_error = its->trap_error,
		.trap_address = its->trap_address,
	};

	settle_call(self, frame, true, action->flags);
	if (unlikely(READ_ONCE(self->process->nr_tasks) > 1))
		signal_hand_over(self, taken->blocked);
	if (!(action->flags & SA_RESTORER) || arch_signal_push(frame, &signal)) {
		fail(self, taken, frame);
		return;
	}
	if (its->stack_flags & SS_AUTODISARM)
		its->stack = its->stack_bytes = its->stack_flags = 0;
}

/* Nothing is left. */
static void finish(struct task *self, struct full_frame *frame)
{
	settle_call(self, frame, false, 0);
	if (self->signal.restore) {
		self->signal.restore = false;
		signal_set_blocked(self, self->signal.saved);
	}
}

void signal_deliver(struct full_frame *frame)
{
	struct task *self = task_current();
	struct taken taken;

	switch (take(self, &taken)) {
	case STEP_HANDLER:
		run_handler(self, frame, &taken);
		break;
	case STEP_END:
		process_exit_signal(taken.info.signo);
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

/* What sigaltstack(2) would refuse is left as it is. */
static void take_stack(struct task *self, const struct arch_signal_stack *stack)
{
	struct signal_task *its = &self->signal;

	if (stack->bytes && stack->bytes < MINSIGSTKSZ)
		return;
	its->stack = stack->base;
	its->stack_bytes = stack->bytes;
	its->stack_flags = stack->bytes ? stack->flags : 0;
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
