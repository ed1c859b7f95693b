/* SPDX-License-Identifier: MIT */
/* What happens to a copy in its midst: interrupts, and another task with other registers. */
#include <arch/call_checked.h>
#include <arch/cpu.h>
#include <kernel/proc/task.h>
#include <kernel/sched/kthread.h>
#include <kernel/sched/sched.h>
#include <kernel/sched/timer.h>
#include <kernel/selftest/disturb.h>
#include <quench/log.h>

#define INTERRUPT_NS 20000 /* from one to the next */

static struct timer timer;
static u64 nr_interrupts;
static u64 rounds;
static bool stop, stopped;

static void interrupt(struct timer *self)
{
	nr_interrupts++;
	timer_start(self, arch_clock_ns() + INTERRUPT_NS);
}

static u64 do_nothing(void)
{
	return 0;
}

static void rival(void *argument)
{
	struct call_outcome outcome;

	while (!READ_ONCE(stop)) {
		(void)call_checked((const void *)do_nothing, 0, 0, 0, &outcome);
		rounds++;
		sched_yield();
	}
	WRITE_ONCE(stopped, true);
}

void disturb_start(void)
{
	struct task *task;

	timer_init(&timer, interrupt);
	timer_start(&timer, arch_clock_ns() + INTERRUPT_NS);
	task = kthread_run("rival", rival, NULL);
	if (task)
		task_put(task);
	else
		stopped = true;
}

u64 disturb_interrupts(void)
{
	static u64 before;
	const u64 now = READ_ONCE(nr_interrupts), came = now - before;

	before = now;
	return came;
}

void disturb_stop(void)
{
	timer_cancel(&timer);
	WRITE_ONCE(stop, true);
	while (!READ_ONCE(stopped))
		sched_yield();
	log_line("selftest: another task ran in between %lu times", rounds);
}
