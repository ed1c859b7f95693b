/* SPDX-License-Identifier: MIT */
/* The programs of init=, each in turn: started, waited for, cleared away after. */
#include <asm/errno.h>
#include <kernel/fs/path.h>
#include <kernel/proc/create.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/fs_context.h>
#include <kernel/proc/init.h>
#include <linux/fcntl.h>
#include <quench/log.h>

struct wait_queue process_init_ended = WAIT_QUEUE_INIT(process_init_ended);

/* Where a first program's life begins. */
static void enter_program(void *argument)
{
	sched_first_steps();
	arch_return_to_user();
}

/* The console stands behind descriptors 0, 1 and 2. */
static bool install_console(struct fd_table *files)
{
	struct file *file;
	int last = -1;

	if (file_open(fs_root(), "/dev/console", O_RDWR, 0, &file))
		return false;
	while (last < 2) {
		file_get(file);
		last = fd_install(files, file, false);
		if (last < 0) {
			file_put(file);
			break;
		}
	}
	file_put(file);
	return last == 2;
}

static bool give_files(struct task *task)
{
	task->fs = fs_context_create(fs_root());
	task->files = fd_table_create();
	return task->fs && task->files && install_console(task->files);
}

/* One that never ran. */
static void abandon(struct task *task)
{
	if (task->files)
		fd_table_put(task->files);
	if (task->fs)
		fs_context_put(task->fs);
	if (task->pid > 0) {
		u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

		pid_free(task->pid);
		arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	}
	task_put(task);
}

static struct task *create(const char *path)
{
	struct task *task = task_create_user(path);

	if (!task)
		return NULL;
	task->process = process_create();
	task->pid = task->process ? pid_alloc() : 0;
	if (task->pid <= 0 || !give_files(task)) {
		abandon(task);
		return NULL;
	}
	return task;
}

static int load(struct task *task, const char *path, const char *const argv[],
		const char *const envp[], const char **why)
{
	struct exec_image image;
	int error = exec_load(task->fs->directory, path, argv, envp, &image, why);

	if (error)
		return error;
	task->aspace = task->process->aspace = image.aspace;
	arch_task_init(&task->arch, task_stack_top(task), enter_program, task);
	arch_frame_start(arch_task_frame(&task->arch), image.entry, image.stack_pointer);
	return 0;
}

static void start(struct process *process, struct task *task)
{
	u64 flags;

	process->pid = process->pgid = process->sid = task->tgid = task->pid;
	process->nr_in_memory = 1;
	process_get(
		process); /* the task's; the first one is the tree's, this function's caller's */
	task->started_ns = process->started_ns;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	process_init = process;
	process_add_task(process, task);
	process_link(process, NULL);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	sched_start(task);
}

static bool nobody_is_left(void)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool empty = list_empty(&process_all);

	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return empty;
}

/* Init has ended: so does every other process. */
static void clear_away(struct process *init)
{
	struct process *process;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

	process_unlink(init);
	process_init = NULL;
	list_for_each(process, &process_all, all) process_doom(process, NULL);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	wait_event(&process_init_ended, nobody_is_left());
	pid_restart();
}

int process_run(const char *path, const char *const argv[], const char *const envp[],
		int *wait_status)
{
	const char *why = "memory is out";
	struct task *task = create(path);
	struct process *process;
	int error = task ? load(task, path, argv, envp, &why) : -ENOMEM;

	if (error) {
		log_line("%s: %s", path, why);
		if (task)
			abandon(task);
		pid_restart();
		return error;
	}
	process = task->process;
	start(process, task);
	wait_event(&process_init_ended, READ_ONCE(process->zombie));
	*wait_status = process->wait_status;
	clear_away(process);
	process_put(process);
	return 0;
}
