/* SPDX-License-Identifier: MIT */
/*
 * Per-CPU data, reached through GS. A variable defined with PERCPU exists once for each
 * processor, each copy zero until its processor (or the boot) sets it:
 *
 *   static PERCPU(struct run_queue, queue);
 *   struct run_queue *mine = percpu_here(queue), *other = percpu_of(queue, cpu);
 *
 * percpu_here is only good while the task cannot move: interrupts off, or preemption disabled.
 * The copies of different processors share no cache line.
 */
#pragma once

#include <quench/cpumask.h>
#include <quench/types.h>

#ifndef __CHECKER__
#define PERCPU(type, name) __typeof__(type) name __attribute__((section(".bss.percpu")))
#else
#define PERCPU(type, name) __typeof__(type) name
#endif
#define DECLARE_PERCPU(type, name) extern __typeof__(type) name

/*
 * What the arch keeps for each processor and the inline functions below reach at fixed offsets
 * from GS base; x86/percpu.h has the rest. Offsets: asm/frame.def, proven by trap/layout.c.
 */
struct arch_percpu {
	struct arch_percpu *self;
	u64 kernel_stack_top; /* where SYSCALL starts pushing; equals tss.rsp[0]; 16-byte aligned */
	u64 user_rsp;         /* scratch of the SYSCALL entry, meaningless afterwards */
	void *current;        /* the running task; its first member is a struct arch_task */
	u64 delta;            /* from a PERCPU variable's address to this processor's copy */
	u32 index;            /* 0 is the boot processor, then without gaps */
	u32 preempt;          /* <arch/preempt.h> */
};

extern u64 arch_percpu_delta[MAX_CPUS]; /* delta of every processor there is */

static inline u64 arch_percpu_delta_here(void)
{
	u64 delta;

	__asm__ volatile("movq %%gs:%c1, %0"
			 : "=r"(delta)
			 : "i"(offsetof(struct arch_percpu, delta)));
	return delta;
}

#define percpu_here(name)    ((__typeof__(&(name)))((u64) & (name) + arch_percpu_delta_here()))
#define percpu_of(name, cpu) ((__typeof__(&(name)))((u64) & (name) + arch_percpu_delta[cpu]))

/* The running task, NULL before there is one. Any context. */
static inline void *arch_current(void)
{
	void *task;

	__asm__("movq %%gs:%c1, %0" : "=r"(task) : "i"(offsetof(struct arch_percpu, current)));
	/* cppcheck-suppress uninitvar */
	return task;
}

/* Index of this processor; stays true only while the task cannot move. */
static inline unsigned arch_cpu_index(void)
{
	unsigned index;

	__asm__ volatile("movl %%gs:%c1, %0"
			 : "=r"(index)
			 : "i"(offsetof(struct arch_percpu, index)));
	return index;
}
