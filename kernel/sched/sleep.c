/* SPDX-License-Identifier: MIT */
/* Sleeping for a time. */
#include <arch/cpu.h>
#include <kernel/lib/list.h>
#include <kernel/proc/task.h>
#include <kernel/sched/sched.h>
#include <kernel/sched/timer.h>

struct sleeper {
	struct timer timer;
	struct task *task;
};

static void time_is_up(struct timer *timer)
{
	sched_wake(container_of(timer, struct sleeper, timer)->task, TASK_SLEEPING);
}

u64 sched_sleep_until(u64 deadline)
{
	struct sleeper sleeper = { .task = task_current() };
	u64 now;

	if (deadline == SCHED_FOREVER) {
		sched_sleep();
		return deadline;
	}
	timer_init(&sleeper.timer, time_is_up);
	timer_start(&sleeper.timer, deadline);
	sched_sleep();
	timer_cancel(&sleeper.timer);
	now = arch_clock_ns();
	return deadline > now ? deadline - now : 0;
}
