/* SPDX-License-Identifier: MIT */
/* The running process becomes another program. */
#include <arch/pagetable.h>
#include <arch/task.h>
#include <asm/errno.h>
#include <asm/signal.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/create.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/execve.h>
#include <kernel/proc/fs_context.h>
#include <kernel/proc/strings.h>
#include <kernel/signal/signal.h>
#include <kernel/syscall/descriptor.h>
#include <quench/log.h>

/* Linux's way with no arguments at all: one, empty. */
static const char *const no_arguments[] = { "", NULL };

static int load(const char *path, u64 argv, u64 envp, struct exec_image *image)
{
	struct strings arguments, environment = { 0 };
	const char *why;
	int error = strings_get(&arguments, argv);

	if (!error)
		error = strings_get(&environment, envp);
	if (!error)
		error = exec_load(task_current()->fs->directory, path,
				  arguments.nr ? arguments.vector : no_arguments,
				  environment.vector, image, &why);
	strings_free(&environment);
	strings_free(&arguments);
	return error;
}

static bool alone(struct process *process)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool last = process->nr_tasks == 1;

	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return last;
}

/* The first task's number is the process's: who goes on takes it over. Tree locked. */
static void take_number(struct task *self)
{
	if (self->pid == self->process->pid)
		return;
	pid_set_task(self->pid, NULL);
	pid_free(self->pid);
	self->pid = self->process->pid;
	pid_set_task(self->pid, self);
}

/* Every other task of the process ends. -EAGAIN: another one is at it, or the end of all. */
static int become_the_only_one(struct task *self)
{
	struct process *process = self->process;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	int error = process->ending || process->executing ? -EAGAIN : 0;

	if (!error) {
		process->executing = self;
		process_doom(process, self);
	}
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	if (error)
		return error;
	error = wait_event_killable(&process->waits, alone(process));
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	process->executing = NULL;
	if (!error)
		take_number(self);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return error ? -EAGAIN : 0;
}

/* What was shared with other processes is its own from here on. */
static int own_files(struct task *self)
{
	struct fd_table *own;

	if (READ_ONCE(self->files->references) == 1)
		return 0;
	own = fd_table_copy(self->files);
	if (!own)
		return -ENOMEM;
	fd_table_put(self->files);
	self->files = own;
	return 0;
}

static void change_memory(struct task *self, struct aspace *to)
{
	struct aspace *from = self->aspace;

	preempt_disable();
	self->aspace = to;
	process_set_aspace(self->process, to);
	arch_aspace_activate(&to->arch);
	preempt_enable();
	self->process->shares_memory = false;
	aspace_put(from);
}

/* No way back from here. */
static void change_program(struct task *self, const char *path, const struct exec_image *image,
			   struct full_frame *frame)
{
	u64 flags;

	task_release_memory(self);
	change_memory(self, image->aspace);
	fd_table_exec(self->files);
	signal_exec(self);
	task_set_name(self, path);
	self->restart.fn = NULL;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	self->process->executed = true;
	self->process->exit_signal = SIGCHLD;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	arch_task_reset_user();
	arch_frame_start(frame, image->entry, image->stack_pointer);
}

s64 execve(u64 user_path, u64 argv, u64 envp, struct full_frame *frame)
{
	struct task *self = task_current();
	struct exec_image image;
	char *path;
	int error = path_get((const char __user *)user_path, &path);

	if (error)
		return error;
	error = *path ? load(path, argv, envp, &image) : -ENOENT;
	if (!error) {
		error = become_the_only_one(self);
		if (!error)
			error = own_files(self);
		if (error)
			aspace_put(image.aspace);
		else
			change_program(self, path, &image, frame);
	}
	kfree(path);
	return error;
}
