/* SPDX-License-Identifier: MIT */
/* Programs at work: made, switched to, ended. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/trap_frame.h>
#include <asm/errno.h>
#include <asm/signal.h>
#include <kernel/fs/initramfs.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/process.h>
#include <linux/fcntl.h>
#include <quench/log.h>
#include <quench/string.h>

#define STACK_GUARD UINT64_C(0x5153544b47554152) /* at the stack's lowest address */

/* The boot context: kernel_main, on the boot stack. It never enters user mode. */
static struct task boot_task = { .name = "boot" };
static int last_pid;

static void *stack_top(const struct task *task)
{
	return task->stack ? (u8 *)task->stack + TASK_STACK_BYTES : NULL;
}

static void switch_to(struct task *from, struct task *to)
{
	arch_set_current(to, stack_top(to));
	arch_aspace_activate(to->aspace ? &to->aspace->arch : NULL);
	arch_context_switch(&from->arch.context, &to->arch.context);
}

/* Where a new task's life begins. */
static void enter_program(void *argument)
{
	struct task *task = argument;

	task->started_ns = arch_clock_ns();
	arch_enter_user(task->entry, task->stack_pointer);
}

static void set_name(struct task *task, const char *path)
{
	size_t n = 0;

	for (const char *c = path; *c; c++) {
		if (*c == '/')
			path = c + 1;
	}
	while (n < TASK_NAME_BYTES - 1 && path[n])
		n++;
	memcpy(task->name, path, n);
	task->name[n] = '\0';
}

static bool give_stack(struct task *task)
{
	paddr_t stack = page_alloc_order(TASK_STACK_ORDER);

	if (!stack)
		return false;
	task->stack = arch_direct_map(stack);
	*(u64 *)task->stack = STACK_GUARD;
	return true;
}

/* Standard input, output and error: the console. */
static bool give_files(struct task *task)
{
	const struct inode *console;
	struct file *file;

	task->files = fd_table_create();
	if (!task->files ||
	    initramfs_lookup(initramfs_root(), "/dev/console", LOOKUP_FOLLOW, &console))
		return false;
	file = file_create(console, O_RDWR);
	if (!file)
		return false;
	for (int fd = 0; fd < 3; fd++) {
		file_get(file);
		if (fd_install(task->files, file, false) < 0) {
			file_put(file);
			break;
		}
	}
	file_put(file);
	return fd_file(task->files, 2);
}

static void destroy(struct task *task)
{
	if (task->stack && *(u64 *)task->stack != STACK_GUARD)
		panic("%s[%d] ran over its kernel stack", task->name, task->pid);
	if (task->files)
		fd_table_put(task->files);
	if (task->aspace)
		aspace_destroy(task->aspace);
	if (task->stack)
		page_put(arch_direct_map_address(task->stack));
	kfree(task);
}

static struct task *create(const char *path)
{
	struct task *task = kzalloc(sizeof(*task));

	if (!task)
		return NULL;
	task->pid = ++last_pid;
	task->directory = initramfs_root();
	set_name(task, path);
	if (!give_stack(task) || !give_files(task)) {
		destroy(task);
		return NULL;
	}
	return task;
}

static int load(struct task *task, const char *path, const char *const argv[],
		const char *const envp[], const char **why)
{
	struct exec_image image;
	int error = exec_load(task->directory, path, argv, envp, &image, why);

	if (error)
		return error;
	task->aspace = image.aspace;
	task->entry = image.entry;
	task->stack_pointer = image.stack_pointer;
	arch_context_init(&task->arch.context, stack_top(task), enter_program, task);
	return 0;
}

int process_run(const char *path, const char *const argv[], const char *const envp[],
		int *wait_status)
{
	const char *why = "memory is out";
	struct task *self = task_current() ? task_current() : &boot_task, *task = create(path);
	int error = task ? load(task, path, argv, envp, &why) : -ENOMEM;

	if (error) {
		log_line("%s: %s", path, why);
		if (task)
			destroy(task);
		return error;
	}
	task->waiter = self;
	switch_to(self, task);
	*wait_status = task->wait_status;
	destroy(task);
	return 0;
}

static __noreturn void end(int wait_status)
{
	struct task *task = task_current();

	task->wait_status = wait_status;
	switch_to(task, task->waiter);
	panic("%s[%d] came back from its end", task->name, task->pid);
}

void process_exit(int code)
{
	end((code & 0xff) << 8);
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
	end(signal);
}
