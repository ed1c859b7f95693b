/* SPDX-License-Identifier: MIT */
/* Programs at work: one task each, with a kernel stack of its own. Process context. */
#pragma once

#include <arch/context.h>
#include <kernel/fs/fd_table.h>
#include <kernel/mm/aspace.h>
#include <quench/compiler.h>
#include <quench/types.h>

#define TASK_NAME_BYTES  16 /* with the NUL, as Linux's comm */
#define TASK_STACK_ORDER 2  /* 16 KiB */
#define TASK_STACK_BYTES (PAGE_BYTES << TASK_STACK_ORDER)

struct task {
	struct arch_context context; /* where it goes on when switched to */
	void *stack;                 /* lowest address of the kernel stack */
	int pid;
	char name[TASK_NAME_BYTES];
	struct aspace *aspace; /* NULL: the kernel's own */
	struct fd_table *files;
	const struct inode *directory; /* the current one */
	struct task *waiter;           /* who goes on when this one ends */
	vaddr_t entry, stack_pointer;  /* where user mode starts */
	u64 started_ns;                /* arch_clock_ns() at its start */
	int wait_status;               /* of an ended one, as wait4(2) reports it */
};

/* The running task. */
struct task *task_current(void);

/*
 * Runs the program at `path` to its end. argv and envp end with NULL. 0 with *wait_status as
 * wait4(2) reports it (exit code << 8, or the number of the signal that killed it); or, when it
 * could not be started, -ENOENT, -EACCES, -ENOEXEC, -E2BIG, -ENOMEM..., with the cause on the
 * console.
 */
int process_run(const char *path, const char *const argv[], const char *const envp[],
		int *wait_status);

/* The running program ends: by itself, or killed by a signal with a line on the console. */
__noreturn void process_exit(int code);
struct trap_frame;
__noreturn void process_kill(int signal, const struct trap_frame *frame, const char *why);
