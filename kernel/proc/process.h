/* SPDX-License-Identifier: MIT */
/*
 * A process: a group of tasks that are one program. Locks as in task.h; `tree` is
 * process_tree_lock, which protects who is whose parent, groups, sessions, and how they ended.
 */
#pragma once

#include <arch/spinlock.h>
#include <kernel/lib/list.h>
#include <kernel/proc/task.h>
#include <kernel/sched/wait.h>
#include <linux/resource.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* What a wait of the parent may report; bits of process->events. */
enum process_event { PROCESS_STOPPED = 1, PROCESS_CONTINUED = 2 };

struct process {
	int pid;                      /* const; of the first task, getpid(2) */
	u32 references;               /* atomic; each task's, the tree's until reaped, borrowers' */
	struct aspace *aspace;        /* counted; tree for others; execve replaces it, alone */
	u32 nr_in_memory;             /* atomic; tasks that still use `aspace` */
	bool shares_memory;           /* another process has the same aspace (vfork) */
	struct signal_process signal; /* kernel/signal/state.h */

	int pgid, sid;           /* tree */
	struct process *parent;  /* tree; NULL for what the kernel started */
	struct list children;    /* tree; their `sibling` */
	struct list sibling;     /* tree; in parent->children */
	struct list all;         /* tree; in process_all */
	struct list tasks;       /* tree; those that have not ended, by `sibling` */
	u32 nr_tasks;            /* tree; length of `tasks` */
	struct wait_queue waits; /* here its tasks wait for children (and execve for threads) */

	bool ending;            /* tree; exit_group, a killing signal: the rest is dying */
	struct task *executing; /* tree; the one in execve that all others make way for */
	bool zombie;            /* tree; every task has ended, nobody has waited for it yet */
	bool executed;          /* tree; has called execve since its fork (setpgid) */
	int exit_signal;        /* tree; what the parent gets, SIGCHLD for fork, 0: none */
	int wait_status;        /* tree; as wait4(2) reports it */
	u32 events;             /* tree; enum process_event not yet waited for */
	int stop_signal;        /* tree; with PROCESS_STOPPED */

	struct rlimit64 limits[RLIM_NLIMITS]; /* tree to write; a torn read is harmless */
	u64 started_ns;                       /* const; arch_clock_ns() */
	u64 ran, children_ran; /* tree; TSC ticks of ended tasks, of reaped children */
	s32 uid, gid;          /* identity is root's: 0 */
};

extern struct arch_spinlock process_tree_lock;
extern struct list process_all; /* tree; every process, linked by `all` */

/* References. */
void process_get(struct process *process);
void process_put(struct process *process);

/* kernel/mm/process_memory.c. The memory of another process with a reference (aspace_put), NULL: it
 * has none any more; and a change of one's own, so that others may ask. */
struct aspace *process_aspace(struct process *process);
void process_set_aspace(struct process *process, struct aspace *aspace);

/* Finds by number with a reference added, NULL: none (ended tasks are gone, zombies are there).
 * Any context. */
struct task *task_find(int pid);
struct process *process_find(int pid);

/* kernel/proc/exit.c. Each ends the running task, or its whole process with the status as
 * wait4(2) reports it. */
__noreturn void task_exit(int code);
__noreturn void process_exit(int code);
__noreturn void process_exit_signal(int signal);
__noreturn void task_exit_doomed(void); /* others decided it */
/* The process begins to end with this status unless it already does: each of its tasks but the
 * running one ends before it runs its program again. Any context, no spinlock above the tree's. */
void process_end(struct process *process, int wait_status);
/* What execve and the end have in common: robust list, clear_child_tid, a waiting vfork parent. */
void task_release_memory(struct task *self);

/* Nanoseconds its tasks, also those that ended, have had a processor. */
u64 process_runtime_ns(const struct process *process);

/*
 * Runs the program at `path` to its end. argv and envp end with NULL. 0 with *wait_status as
 * wait4(2) reports it (exit code << 8, or the number of the signal that killed it); or, when it
 * could not be started, -ENOENT, -EACCES, -ENOEXEC, -E2BIG, -ENOMEM..., with the cause on the
 * console.
 */
int process_run(const char *path, const char *const argv[], const char *const envp[],
		int *wait_status);
/* Makes /proc/self/exe. Boot context, once, when the initramfs has been unpacked. */
void process_init_self(void);

/* A line on the console about a program that is killed for an exception, and its end. */
struct trap_frame;
__noreturn void process_kill(int signal, const struct trap_frame *frame, const char *why);
