/* SPDX-License-Identifier: MIT */
/* The interval timer of a process, in real time: alarm(2), setitimer(2). */
#include <arch/cpu.h>
#include <kernel/signal/action.h>
#include <kernel/signal/internal.h>

/* Interrupt context. The process has a task still, whose end would have cancelled the timer. */
static void expired(struct timer *timer)
{
	struct signal_timer *its = container_of(timer, struct signal_timer, timer);
	struct process *process = container_of(its, struct process, signal.real);
	static const struct signal_info info = { .signo = SIGALRM, .code = 0x80 };

	arch_spin_lock(&process->signal.lock);
	/* It may have been set again meanwhile. */
	if (its->interval && !timer_pending(timer))
		timer_start(timer, timer->node.key + its->interval);
	arch_spin_unlock(&process->signal.lock);
	(void)signal_send_process(process, &info);
}

/* Locked. */
static void get(struct signal_timer *its, struct signal_timer_value *now)
{
	now->left = its->is_set_up ? timer_left(&its->timer) : 0;
	now->interval = its->interval;
}

void signal_timer_get(struct signal_timer_value *now)
{
	struct signal_process *process = &task_current()->process->signal;
	u64 flags = arch_spin_lock_irqsave(&process->lock);

	get(&process->real, now);
	arch_spin_unlock_irqrestore(&process->lock, flags);
}

void signal_timer_set(const struct signal_timer_value *to, struct signal_timer_value *was)
{
	struct signal_process *process = &task_current()->process->signal;
	struct signal_timer *its = &process->real;
	u64 flags = arch_spin_lock_irqsave(&process->lock);

	get(its, was);
	if (!its->is_set_up && to->left) {
		timer_init(&its->timer, expired);
		its->is_set_up = true;
	}
	its->interval = to->left ? to->interval : 0;
	if (its->is_set_up)
		timer_try_cancel(&its->timer);
	if (to->left)
		timer_start(&its->timer, arch_clock_ns() + to->left);
	arch_spin_unlock_irqrestore(&process->lock, flags);
}
