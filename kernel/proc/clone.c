/* SPDX-License-Identifier: MIT */
/* New tasks and processes out of the running one. */
#include <arch/cpu.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/signal.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/clone.h>
#include <kernel/proc/create.h>
#include <kernel/proc/fs_context.h>
#include <kernel/signal/signal.h>
#include <linux/sched.h>
#include <quench/string.h>

#define NAMESPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

/* clone(2), ERRORS. */
static int judge(const struct clone_request *request)
{
	u64 flags = request->flags;

	if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if (flags & CLONE_SIGHAND && !(flags & CLONE_VM))
		return -EINVAL;
	if (flags & CLONE_FS && flags & CLONE_NEWNS)
		return -EINVAL;
	/* Shared handlers of separate processes, tracing's pid file descriptors, namespaces:
	 * nothing of that is there. */
	if (flags & (NAMESPACES | CLONE_PIDFD))
		return -EINVAL;
	if (flags & CLONE_SIGHAND && !(flags & CLONE_THREAD))
		return -EINVAL;
	if (request->stack >= ARCH_USER_LIMIT ||
	    (flags & CLONE_SETTLS && request->tls >= ARCH_USER_LIMIT))
		return flags & CLONE_SETTLS && request->tls >= ARCH_USER_LIMIT ? -EPERM : -EINVAL;
	return 0;
}

static bool copy_files(struct task *child, const struct task *self, u64 flags)
{
	if (flags & CLONE_FILES) {
		fd_table_get(self->files);
		child->files = self->files;
	} else {
		child->files = fd_table_copy(self->files);
	}
	if (flags & CLONE_FS) {
		fs_context_get(self->fs);
		child->fs = self->fs;
	} else {
		child->fs = fs_context_copy(self->fs);
	}
	return child->files && child->fs;
}

static struct process *copy_process(struct task *self, const struct clone_request *request)
{
	struct process *from = self->process, *process = process_create();

	if (!process)
		return NULL;
	if (request->flags & CLONE_VM) {
		aspace_get(from->aspace);
		process->aspace = from->aspace;
		process->shares_memory = from->shares_memory = true;
	} else {
		process->aspace = aspace_fork(from->aspace);
	}
	if (!process->aspace) {
		process_put(process);
		return NULL;
	}
	process->nr_in_memory = 1;
	process->exit_signal = request->exit_signal;
	memcpy(process->limits, from->limits, sizeof(process->limits));
	return process;
}

/* Where a child's life begins. */
static void enter_child(void *argument)
{
	struct task *self = argument;

	sched_first_steps();
	/* An address that cannot be written is the program's own affair, as on Linux. */
	if (self->set_child_tid && put_user_32((u32)self->pid, (void __user *)self->set_child_tid))
		self->set_child_tid = 0;
	arch_return_to_user();
}

static void copy_registers(struct task *child, const struct clone_request *request,
			   const struct full_frame *frame)
{
	struct full_frame *its;

	arch_task_init(&child->arch, task_stack_top(child), enter_child, child);
	arch_task_copy_user(&child->arch);
	its = arch_task_frame(&child->arch);
	*its = *frame;
	its->trap.rax = 0;
	if (request->stack)
		its->trap.rsp = request->stack;
	if (request->flags & CLONE_SETTLS)
		child->arch.fs_base = request->tls;
}

static void copy_scheduling(struct task *child, const struct task *self)
{
	child->policy = self->policy;
	child->nice = self->nice;
	child->sched.weight = self->sched.weight;
	child->sched.inverse = self->sched.inverse;
	child->allowed = self->allowed;
}

/* One that never ran. */
static void abandon(struct task *child, bool thread)
{
	if (child->files)
		fd_table_put(child->files);
	if (child->fs)
		fs_context_put(child->fs);
	if (!thread && child->process) {
		if (child->process->aspace)
			aspace_put(child->process->aspace);
		process_put(child->process); /* the tree's */
	}
	if (child->pid > 0) {
		u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

		pid_free(child->pid);
		arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	}
	task_put(child);
}

static int make(struct task *child, const struct clone_request *request,
		const struct full_frame *frame)
{
	struct task *self = task_current();
	u64 flags = request->flags;

	child->process = flags & CLONE_THREAD ? self->process : copy_process(self, request);
	if (!child->process)
		return -ENOMEM;
	process_get(child->process);
	child->aspace = child->process->aspace;
	if (!copy_files(child, self, flags))
		return -ENOMEM;
	child->pid = pid_alloc();
	if (child->pid < 0)
		return child->pid;
	child->tgid = flags & CLONE_THREAD ? self->tgid : child->pid;
	copy_scheduling(child, self);
	copy_registers(child, request, frame);
	child->started_ns = arch_clock_ns();
	child->set_child_tid = flags & CLONE_CHILD_SETTID ? request->child_tid : 0;
	child->clear_child_tid = flags & CLONE_CHILD_CLEARTID ? request->child_tid : 0;
	return signal_clone(child, self, flags);
}

/* A process that is ending takes no new task; one with a new child finds its place in the tree. */
static int join_tree(struct task *child, u64 clone_flags)
{
	struct task *self = task_current();
	struct process *process = child->process, *mine = self->process;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	int error = 0;

	if (arch_work_get(&self->arch) & TASK_WORK_DOOMED || mine->ending) {
		error = -ERESTARTNOINTR;
	} else if (clone_flags & CLONE_THREAD) {
		__atomic_fetch_add(&process->nr_in_memory, 1, __ATOMIC_RELAXED);
		process_add_task(process, child);
	} else {
		process->pid = child->pid;
		process->pgid = mine->pgid;
		process->sid = mine->sid;
		process_add_task(process, child);
		process_link(process, clone_flags & CLONE_PARENT ? mine->parent : mine);
		if (clone_flags & CLONE_PARENT)
			process->exit_signal = mine->exit_signal;
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return error;
}

static void vfork_put(struct vfork_wait *wait)
{
	if (!__atomic_sub_fetch(&wait->references, 1, __ATOMIC_ACQ_REL))
		kfree(wait);
}

/* The child has another memory now, or none: the parent may go on. */
void vfork_release(struct task *task)
{
	struct vfork_wait *wait = task->vfork;

	if (!wait)
		return;
	task->vfork = NULL;
	WRITE_ONCE(wait->done, true);
	wait_wake(&wait->queue, WAIT_ALL, 0);
	vfork_put(wait);
}

static bool prepare_vfork(struct task *child, struct vfork_wait **wait)
{
	*wait = kzalloc(sizeof(**wait));
	if (!*wait)
		return false;
	wait_queue_init(&(*wait)->queue);
	(*wait)->references = 2;
	child->vfork = *wait;
	return true;
}

s64 clone_task(const struct clone_request *request, const struct full_frame *frame)
{
	bool thread = request->flags & CLONE_THREAD;
	struct vfork_wait *wait = NULL;
	struct task *child;
	int error = judge(request), pid;

	if (error)
		return error;
	child = task_create_user(task_current()->name);
	if (!child)
		return -ENOMEM;
	error = make(child, request, frame);
	if (!error && request->flags & CLONE_VFORK && !prepare_vfork(child, &wait))
		error = -ENOMEM;
	if (!error)
		error = join_tree(child, request->flags);
	if (error) {
		kfree(wait);
		abandon(child, thread);
		return error;
	}
	pid = child->pid;
	if (request->flags & CLONE_PARENT_SETTID &&
	    put_user_32((u32)pid, (void __user *)request->parent_tid))
		pid = child->pid; /* as on Linux, that is no error */
	sched_start(child);
	if (wait) {
		(void)wait_event_killable(&wait->queue, READ_ONCE(wait->done));
		vfork_put(wait);
	}
	return pid;
}
