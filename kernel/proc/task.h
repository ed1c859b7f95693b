/* SPDX-License-Identifier: MIT */
/*
 * A task: one thread of a program, or of the kernel. Which lock protects a field stands at it:
 *   self    only the task itself reads and writes it while it lives
 *   const   set before the task first runs
 *   rq      the lock of the run queue of processor `cpu` (kernel/sched/sched.c)
 *   tree    process_tree_lock (process.h)
 *   atomic  single atomic accesses
 */
#pragma once

#include <arch/percpu.h>
#include <arch/task.h>
#include <kernel/fs/fd_table.h>
#include <kernel/lib/list.h>
#include <kernel/mm/aspace.h>
#include <kernel/sched/runqueue.h>
#include <kernel/sched/sched.h>
#include <kernel/signal/state.h>
#include <quench/compiler.h>
#include <quench/cpumask.h>
#include <quench/types.h>

#define TASK_NAME_BYTES  16 /* with the NUL, as Linux's comm */
#define TASK_STACK_ORDER 2  /* 16 KiB */
#define TASK_STACK_BYTES (PAGE_BYTES << TASK_STACK_ORDER)

/* Bits of arch.work. */
#define TASK_WORK_DOOMED ARCH_WORK_KERNEL /* it ends instead of going back to its program */

struct process;
struct fs_context;

/* How to go on with a call that a signal cut short: restart_syscall(2). Self. */
struct restart_block {
	s64 (*fn)(struct restart_block *block); /* NULL: nothing to go on with, EINTR */
	u64 deadline;                           /* arch_clock_ns() */
	u64 arg[4];
};

struct task {
	struct arch_task arch;   /* first: arch_current() points at both */
	u32 state;               /* enum task_state; self to sleep, rq to wake */
	u32 cpu;                 /* whose queue; changes under that queue's lock only (sched.c) */
	bool on_queue;           /* rq; runs, or is in the heap */
	bool kernel;             /* const; a kernel thread */
	struct aspace *aspace;   /* self; process->aspace; NULL: kernel thread, or ending */
	struct process *process; /* const; counted; NULL: kernel thread */
	struct fd_table *files;  /* self; counted; NULL: kernel thread, or ending */
	struct fs_context *fs;   /* self; counted; NULL likewise */
	int pid;                 /* const but for execve; the thread's own number, gettid(2) */
	int tgid;                /* const; process->pid */

	/* scheduling */
	struct sched_entity sched; /* rq */
	u64 ran;                   /* rq; TSC ticks on a processor, up to `since` */
	u64 since;                 /* rq; TSC when it last began to run */
	struct cpumask allowed;    /* rq */
	u8 policy;                 /* rq; SCHED_OTHER, ...; FIFO and RR run as OTHER does */
	u8 rt_priority;            /* what a FIFO or RR task was given; an answer only */
	s8 nice;                   /* rq */

	struct signal_task signal; /* kernel/signal/state.h */

	u32 references; /* atomic; the scheduler's until its end, the pid table's, borrowers' */
	void *stack;    /* const; lowest address of the kernel stack; NULL: the boot's */
	struct list sibling;        /* tree; in process->tasks */
	char name[TASK_NAME_BYTES]; /* self writes; a torn read is harmless */
	u64 started_ns;             /* const; arch_clock_ns() */
	u64 set_child_tid;   /* self; user address the number goes to at the start; 0: none */
	u64 clear_child_tid; /* self; user address, zeroed and woken at the end; 0: none */
	u64 robust_list;     /* self; user address of struct robust_list_head; 0: none */
	struct restart_block restart; /* self */
	struct vfork_wait *vfork;     /* self; the parent waits there until exec or the end */
};

/* The running task. */
static inline struct task *task_current(void)
{
	return arch_current();
}

/* Announces that the running task is about to sleep: a full barrier. And takes it back. */
static inline void sched_prepare(enum task_state state)
{
	__atomic_exchange_n(&task_current()->state, state, __ATOMIC_SEQ_CST);
}
static inline void sched_running(void)
{
	WRITE_ONCE(task_current()->state, TASK_RUNNING);
}

/* References. The last task_put frees it. Any context. */
void task_get(struct task *task);
void task_put(struct task *task);
