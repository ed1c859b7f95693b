/* SPDX-License-Identifier: MIT */
/* Processes and their tree. */
#include <arch/cpu.h>
#include <asm/signal.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/create.h>
#include <kernel/proc/init.h>
#include <quench/log.h>

struct arch_spinlock process_tree_lock;
struct list process_all = LIST_INIT(process_all);
struct process *process_init;

#define UNLIMITED RLIM64_INFINITY

static void default_limits(struct process *process)
{
	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		process->limits[i] = (struct rlimit64){ UNLIMITED, UNLIMITED };
	process->limits[RLIMIT_STACK].rlim_cur = ASPACE_STACK_BYTES;
	process->limits[RLIMIT_CORE].rlim_cur = 0;
	process->limits[RLIMIT_NOFILE] = (struct rlimit64){ 1024, 4096 };
	process->limits[RLIMIT_MEMLOCK] = (struct rlimit64){ MIB(8), MIB(8) };
	process->limits[RLIMIT_MSGQUEUE] = (struct rlimit64){ 819200, 819200 };
	process->limits[RLIMIT_NICE] = (struct rlimit64){ 0, 0 };
	process->limits[RLIMIT_RTPRIO] = (struct rlimit64){ 0, 0 };
}

struct process *process_create(void)
{
	struct process *process = kzalloc(sizeof(*process));

	if (!process)
		return NULL;
	process->references = 1;
	process->exit_signal = SIGCHLD;
	process->started_ns = arch_clock_ns();
	list_init(&process->children);
	list_init(&process->sibling);
	list_init(&process->all);
	list_init(&process->tasks);
	wait_queue_init(&process->waits);
	default_limits(process);
	return process;
}

void process_get(struct process *process)
{
	__atomic_fetch_add(&process->references, 1, __ATOMIC_RELAXED);
}

void process_put(struct process *process)
{
	if (!__atomic_sub_fetch(&process->references, 1, __ATOMIC_ACQ_REL))
		kfree(process);
}

void process_add_task(struct process *process, struct task *task)
{
	list_append(&process->tasks, &task->sibling);
	process->nr_tasks++;
	pid_set_task(task->pid, task);
}

void process_link(struct process *process, struct process *parent)
{
	process->parent = parent;
	list_append(&process_all, &process->all);
	if (parent)
		list_append(&parent->children, &process->sibling);
	pid_set_process(process->pid, process);
	pid_hold(process->pgid);
	pid_hold(process->sid);
}

void process_unlink(struct process *process)
{
	list_remove(&process->sibling);
	list_remove(&process->all);
	pid_set_process(process->pid, NULL);
	pid_release(process->pgid);
	pid_release(process->sid);
	pid_free(process->pid);
}

u64 process_runtime_ns(const struct process *process)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	u64 ns = sched_ticks_to_ns(process->ran);
	const struct task *task;

	list_for_each(task, &process->tasks, sibling) ns += sched_runtime_ns(task);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return ns;
}
