/* SPDX-License-Identifier: MIT */
/* Making and unmaking tasks and processes: private to kernel/proc and kernel/sched. */
#pragma once

#include <kernel/proc/process.h>

/* A task that has not run: stack, default scheduling, one reference (the scheduler's), no process;
 * NULL: memory is out. `user`: with room for FPU state. Process context. */
struct task *task_create(const char *name);
struct task *task_create_user(const char *name);
/* Gives one that has not run room for FPU state, above its stack: whoever may be preempted in the
 * midst of a copy needs it, as copies borrow vector registers. */
void task_keep_fpu(struct task *task);
/* Above it nothing of the kernel stack is used. */
void *task_stack_top(const struct task *task);
/* The fields every task needs, for one that nobody allocated. */
void task_init_kernel(struct task *task);
void task_set_name(struct task *task, const char *path);

/* A process without tasks, with the tree's reference and in no list; NULL: memory is out. */
struct process *process_create(void);
/* Puts a task into its process, and a process into the tree below `parent`; both into the pid
 * table under task->pid. */
void process_add_task(struct process *process, struct task *task);
void process_link(struct process *process, struct process *parent);
/* A zombie nobody will wait for any more leaves the tree. Tree locked. */
void process_unlink(struct process *process);

/* pid.c: numbers. pid_alloc: a free one, reserved, or -EAGAIN. The slots' pointers change under
 * process_tree_lock. */
int pid_alloc(void);
void pid_free(int pid);
void pid_set_task(int pid, struct task *task);
void pid_set_process(int pid, struct process *process);
/* One more, or one less, process has this number as its group's or session's: it is not reused. */
void pid_hold(int pid);
void pid_release(int pid);
/* The next number is 1 again: nothing runs. */
void pid_restart(void);
/* Whether a number is one; no reference. Tree locked. */
struct process *pid_process(int pid);
struct task *pid_task(int pid);

/* The ones to be ended: everybody but `but` (NULL: everybody). Tree locked. */
void process_doom(struct process *process, const struct task *but);

/* What children hold out for: vfork's parent. */
struct vfork_wait {
	struct wait_queue queue;
	bool done;
	u32 references; /* atomic; parent's and child's */
};
void vfork_release(struct task *task);
