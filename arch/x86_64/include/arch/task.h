/* SPDX-License-Identifier: MIT */
/*
 * The arch's part of a task, and switching between tasks. It is the FIRST member of the kernel's
 * struct task: arch_current() points at both.
 */
#pragma once

#include <arch/context.h>
#include <arch/percpu.h>
#include <arch/trap_frame.h>
#include <quench/compiler.h>
#include <quench/types.h>

/*
 * Bits of arch_task.work: what is to be done before the task returns to user mode. Tested as one
 * word on every way there; not 0: a full frame is built and kernel_user_return_work called.
 */
enum arch_work {
	ARCH_WORK_RESCHED = 1, /* another task should run; the scheduler clears it */
	ARCH_WORK_SIGNAL = 2,  /* a signal may be pending; the signals' code clears it */
	ARCH_WORK_SYSCALL = 4, /* this system call wants a full frame (arch_want_full_frame) */
	ARCH_WORK_KERNEL = 8,  /* first bit free for kernel/ */
};

struct arch_task {
	u32 work; /* of enum arch_work; changed atomically, by any processor */
	u16 ds, es, fs, gs;
	u32 reserved;
	struct arch_context context;
	u64 stack_top; /* of the kernel stack: entries from user mode start pushing here */
	void *fpu;     /* arch_fpu_bytes() bytes, 64-byte aligned; NULL: never in user mode, nor
			* preempted in a copy */
	u64 fs_base, gs_base; /* valid while the task does not run */
};

static inline u32 arch_work_get(const struct arch_task *task)
{
	return __atomic_load_n(&task->work, __ATOMIC_RELAXED);
}
/* Sets bits; full barrier. For a task that runs on another processor arch_kick follows, so that
 * it passes by the test soon. */
static inline void arch_work_set(struct arch_task *task, u32 bits)
{
	__atomic_fetch_or(&task->work, bits, __ATOMIC_SEQ_CST);
}
static inline void arch_work_clear(struct arch_task *task, u32 bits)
{
	__atomic_fetch_and(&task->work, ~bits, __ATOMIC_SEQ_CST);
}

/*
 * A new task: `task` zeroed but for fpu; its first switch calls entry(argument) with interrupts
 * off on the stack that ends at stack_top. Below stack_top room for a struct full_frame is
 * kept free (arch_task_frame). `entry` must not return. With fpu: initial FPU state.
 */
void arch_task_init(struct arch_task *task, void *stack_top, void (*entry)(void *), void *argument);

/* Where the full frame of a task lies while it is in the kernel on behalf of user mode: valid
 * for a new task, and in those that are in kernel_syscall_full or kernel_user_return_work. */
static inline struct full_frame *arch_task_frame(const struct arch_task *task)
{
	return (struct full_frame *)task->stack_top - 1;
}

/*
 * Switches from the running task to `to`: FPU state, FS and GS, kernel stack, current; then
 * arch_context_switch. Returns when somebody switches back to `from`. Interrupts off. Address
 * spaces are arch_aspace_switch's.
 */
void arch_task_switch(struct arch_task *from, struct arch_task *to);

/* Makes the running context (boot, or an AP's first) that of `task`. Interrupts off. */
void arch_task_adopt(struct arch_task *task);

/* fork: saves the running task's FPU state, FS and GS base and selectors into `child`. */
void arch_task_copy_user(struct arch_task *child);
/* exec: FPU initial, FS and GS base 0, segments null, for the running task. */
void arch_task_reset_user(void);

/* Fills a frame with the start of a program: general registers 0, RFLAGS 0x202. */
void arch_frame_start(struct full_frame *frame, vaddr_t rip, vaddr_t rsp);
/* Leaves the kernel with all registers of the running task's frame (arch_task_frame), after the
 * pending work. For a new task's entry: fork's child, a thread, a first program. */
__noreturn void arch_return_to_user(void);

/*
 * Called by a system call that needs all registers: once its plain function has returned (with
 * any value) kernel_syscall_full is called with the full frame. Costs other calls nothing.
 */
static inline void arch_want_full_frame(void)
{
	arch_work_set(arch_current(), ARCH_WORK_SYSCALL);
}
