/* SPDX-License-Identifier: MIT */
/* Kernel threads. */
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/create.h>
#include <kernel/sched/kthread.h>
#include <kernel/sched/sched.h>

struct kthread_start {
	void (*fn)(void *argument);
	void *argument;
};

static void kthread_entry(void *argument)
{
	struct kthread_start start = *(struct kthread_start *)argument;

	kfree(argument);
	sched_first_steps();
	start.fn(start.argument);
	sched_exit();
}

struct task *kthread_run(const char *name, void (*fn)(void *argument), void *argument)
{
	struct kthread_start *start = kmalloc(sizeof(*start));
	struct task *task = start ? task_create(name) : NULL;

	if (!task) {
		kfree(start);
		return NULL;
	}
	*start = (struct kthread_start){ fn, argument };
	task_keep_fpu(task);
	task_get(task);
	arch_task_init(&task->arch, task_stack_top(task), kthread_entry, start);
	sched_start(task);
	return task;
}
