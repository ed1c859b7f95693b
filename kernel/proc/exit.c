/* SPDX-License-Identifier: MIT */
/* How tasks and processes end. */
#include <arch/pagetable.h>
#include <arch/smp.h>
#include <arch/trap_frame.h>
#include <arch/uaccess.h>
#include <asm/signal.h>
#include <kernel/proc/create.h>
#include <kernel/proc/fs_context.h>
#include <kernel/proc/futex.h>
#include <kernel/proc/init.h>
#include <kernel/signal/signal.h>
#include <quench/log.h>

/* It ends as soon as it would return to its program, which it now does. */
static void doom(struct task *task)
{
	unsigned cpu;

	arch_work_set(&task->arch, TASK_WORK_DOOMED);
	if (sched_wake(task, TASK_INTERRUPTIBLE | TASK_KILLABLE | TASK_STOPPED))
		return;
	cpu = READ_ONCE(task->cpu);
	if (cpu != arch_cpu_index())
		arch_kick(cpu);
}

void process_doom(struct process *process, const struct task *but)
{
	struct task *task;

	list_for_each(task, &process->tasks, sibling)
	{
		if (task != but)
			doom(task);
	}
}

/* Whether others may look at this program's memory after the task is gone. */
static bool memory_is_shared(const struct process *process)
{
	return process->shares_memory || READ_ONCE(process->nr_tasks) > 1;
}

void task_release_memory(struct task *self)
{
	if (self->robust_list)
		futex_release_robust(self);
	self->robust_list = 0;
	if (self->clear_child_tid && memory_is_shared(self->process)) {
		if (!put_user_32(0, (void __user *)self->clear_child_tid))
			futex_wake_address(self->clear_child_tid, true, 1);
	}
	self->clear_child_tid = 0;
	vfork_release(self);
}

static void leave_files(struct task *self)
{
	struct fd_table *files = self->files;
	struct fs_context *fs = self->fs;

	self->files = NULL;
	self->fs = NULL;
	if (files)
		fd_table_put(files);
	if (fs)
		fs_context_put(fs);
}

/* The last task of a process takes its memory along. */
static void leave_memory(struct task *self)
{
	struct process *process = self->process;
	bool last = !__atomic_sub_fetch(&process->nr_in_memory, 1, __ATOMIC_ACQ_REL);
	struct aspace *aspace = process->aspace;

	preempt_disable();
	self->aspace = NULL;
	arch_aspace_activate(NULL);
	preempt_enable();
	if (!last)
		return;
	process_set_aspace(process, NULL);
	aspace_put(aspace);
}

/* Its children are init's now. Tree locked. */
static void give_children_away(struct process *process)
{
	struct process *init = process_init == process ? NULL : process_init, *child;
	bool ended = false;

	if (list_empty(&process->children))
		return;
	list_for_each(child, &process->children, sibling)
	{
		child->parent = init;
		ended |= child->zombie;
	}
	if (init) {
		list_splice(&init->children, &process->children);
		if (ended) {
			signal_child_ended(init, NULL);
			wait_wake(&init->waits, WAIT_ALL, 0);
		}
		return;
	}
	while (!list_empty(&process->children)) {
		child = list_first(&process->children, struct process, sibling);
		list_remove(&child->sibling);
		if (child->zombie) {
			process_unlink(child);
			process_put(child);
		}
	}
}

/* Nobody waits for it, or the parent does not care. Tree locked. True: the tree's reference is to
 * be put. */
static bool become_zombie(struct process *process)
{
	struct process *parent = process->parent;
	bool forgotten;

	give_children_away(process);
	process->zombie = true;
	if (!parent) {
		forgotten = process != process_init;
		if (forgotten)
			process_unlink(process);
		wait_wake(&process_init_ended, WAIT_ALL, 0);
		return forgotten;
	}
	forgotten = signal_child_ended(parent, process);
	if (forgotten)
		process_unlink(process);
	wait_wake_sync(&parent->waits, WAIT_ALL, 0);
	return forgotten;
}

static void leave_process(struct task *self)
{
	struct process *process = self->process;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool put = false;

	list_remove(&self->sibling);
	process->ran += self->ran;
	pid_set_task(self->pid, NULL);
	if (self->pid != process->pid)
		pid_free(self->pid);
	if (!--process->nr_tasks)
		put = become_zombie(process);
	else if (process->executing)
		wait_wake(&process->waits, WAIT_ALL, 0);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	if (put)
		process_put(process);
}

static __noreturn void end(struct task *self)
{
	task_release_memory(self);
	signal_task_ended(self);
	leave_files(self);
	leave_memory(self);
	leave_process(self);
	sched_exit();
}

void task_exit(int code)
{
	struct task *self = task_current();
	struct process *process = self->process;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

	/* What the process ends with is up to its first task, unless somebody ends them all. */
	if (!process->ending && self->pid == process->pid)
		process->wait_status = (code & 0xff) << 8;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	end(self);
}

void process_end(struct process *process, int wait_status)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

	if (!process->ending) {
		process->ending = true;
		process->wait_status = wait_status;
		process_doom(process, task_current());
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
}

void process_exit(int code)
{
	process_end(task_current()->process, (code & 0xff) << 8);
	end(task_current());
}

void process_exit_signal(int signal)
{
	process_end(task_current()->process, signal);
	end(task_current());
}

void task_exit_doomed(void)
{
	end(task_current());
}

static const char *signal_name(int signal)
{
	static const char *const names[] = {
		[SIGILL] = "SIGILL", [SIGTRAP] = "SIGTRAP", [SIGBUS] = "SIGBUS",
		[SIGFPE] = "SIGFPE", [SIGKILL] = "SIGKILL", [SIGSEGV] = "SIGSEGV",
	};
	const char *name = (size_t)signal < ARRAY_SIZE(names) ? names[signal] : NULL;

	return name ? name : "a signal";
}

void process_kill(int signal, const struct trap_frame *frame, const char *why)
{
	const struct task *task = task_current();

	log_line("%s[%d]: killed by %s at rip 0x%lx, rsp 0x%lx: %s", task->name, task->pid,
		 signal_name(signal), frame->rip, frame->rsp, why);
	arch_interrupts_on();
	process_exit_signal(signal);
}
