/* SPDX-License-Identifier: MIT */
/*
 * A task: one thread of a program, or of the kernel. Which lock protects a field stands at it:
 *   self    only the task itself reads and writes it while it lives
 *   const   set before the task first runs
 *   rq      the lock of run queue `cpu` (sched.c)
 *   tree    process_tree_lock (process.h)
 *   atomic  single atomic accesses
 */
#pragma once

#include <arch/context.h>
#include <kernel/fs/fd_table.h>
#include <kernel/lib/list.h>
#include <kernel/mm/aspace.h>
#include <kernel/proc/cpu_mask.h>
#include <kernel/sched/runqueue.h>
#include <kernel/sched/sched.h>
#include <quench/compiler.h>
#include <quench/types.h>

#define TASK_NAME_BYTES  16 /* with the NUL, as Linux's comm */
#define TASK_STACK_ORDER 2  /* 16 KiB */
#define TASK_STACK_BYTES (PAGE_BYTES << TASK_STACK_ORDER)

struct process;
struct fs_context;
struct robust_list_head;

/* How to go on with a call that a signal cut short: restart_syscall(2). Self. */
struct restart_block {
	s64 (*fn)(struct restart_block *block);
	u64 deadline; /* arch_clock_ns() */
	u64 arg[4];
};

struct task {
	struct arch_context context; /* rq; where it goes on when switched to */
	void *stack;                 /* const; lowest address of the kernel stack, NULL: boot's */
	u32 references;              /* atomic; the scheduler's, the pid table's, borrowers' */
	u32 state;                   /* enum task_state; self to sleep, rq to wake */

	/* scheduling */
	struct sched_entity sched; /* rq */
	u32 cpu;                   /* rq: written with both locks' owners excluded (sched.c) */
	bool on_queue;             /* rq; in the heap, or running */
	bool kernel;               /* const; a kernel thread */
	u8 policy;               /* rq; SCHED_OTHER, SCHED_BATCH, SCHED_IDLE (FIFO, RR: as OTHER) */
	s8 nice;                 /* rq */
	u64 ran;                 /* rq; TSC ticks on a processor, up to `since` */
	u64 since;               /* rq; TSC when it last began to run */
	struct cpu_mask allowed; /* rq */

	/* identity */
	int pid;                    /* const; the thread's own number, gettid(2) */
	char name[TASK_NAME_BYTES]; /* self writes; torn reads are harmless */
	struct process *process;    /* const; holds a reference; NULL: kernel thread */
	struct list sibling;        /* tree; in process->tasks */

	/* what the program's threads may share; each is counted */
	struct aspace *aspace;  /* self; process->aspace, NULL: the kernel's own */
	struct fd_table *files; /* self; NULL for kernel threads */
	struct fs_context *fs;  /* self; current directory and umask */

	/* user mode */
	vaddr_t entry, stack_pointer; /* self; where execve starts it */
	u64 started_ns;               /* const; arch_clock_ns() at its start */
	u64 clear_child_tid;          /* self; user address zeroed and woken at the end */
	u64 robust_list;              /* self; user address of struct robust_list_head */
	struct restart_block restart; /* self */
	bool vforked;                 /* tree; the parent waits until exec or the end */

	/* until fs_context and the process tree are in use */
	const struct inode *directory;
	struct task *waiter;
	int wait_status;
};

/* The running task. */
struct task *task_current(void);

/* References. The last task_put frees it. Any context. */
void task_get(struct task *task);
void task_put(struct task *task);
