/* SPDX-License-Identifier: MIT */
/*
 * The preemption count, one word a processor: how often preemption is disabled in the low 31
 * bits; the top bit is SET while nobody asks for another task. So "count 0 and a request" is
 * the word 0, and one decrement tests both. Starts at 1 on every processor.
 */
#pragma once

#include <arch/percpu.h>
#include <arch/task.h>
#include <quench/upcalls.h>

#define ARCH_PREEMPT_QUIET UINT32_C(0x80000000)

static inline u32 arch_preempt_word(void)
{
	u32 word;

	__asm__ volatile("movl %%gs:%c1, %0"
			 : "=r"(word)
			 : "i"(offsetof(struct arch_percpu, preempt)));
	return word;
}

/* How often preemption is disabled; 0: the task may be preempted and may sleep. */
static inline u32 preempt_count(void)
{
	return arch_preempt_word() & ~ARCH_PREEMPT_QUIET;
}

static inline void preempt_disable(void)
{
	__asm__ volatile("incl %%gs:%c0" ::"i"(offsetof(struct arch_percpu, preempt))
			 : "memory", "cc");
}

/* Without looking whether another task should run: where a switch is near anyway. */
static inline void preempt_enable_quiet(void)
{
	__asm__ volatile("decl %%gs:%c0" ::"i"(offsetof(struct arch_percpu, preempt))
			 : "memory", "cc");
}

/* The last one calls kernel_preempt when another task should run; it may return on another
 * processor. Interrupts may be off: then kernel_preempt returns at once. */
static inline void preempt_enable(void)
{
	bool now;

	__asm__ volatile("decl %%gs:%c1"
			 : "=@ccz"(now)
			 : "i"(offsetof(struct arch_percpu, preempt))
			 : "memory");
	if (unlikely(now))
		kernel_preempt();
}

/*
 * Requests. Set: on this processor, for the running task; or, with the task that runs on `cpu`,
 * there (an IPI when it is another one). Clear: by the scheduler, once it looks for the next
 * task: `task` is the one that ran. Interrupts off in all three.
 */
static inline void arch_resched_here(void)
{
	arch_work_set(arch_current(), ARCH_WORK_RESCHED);
	__asm__ volatile("andl %0, %%gs:%c1" ::"i"(~ARCH_PREEMPT_QUIET),
			 "i"(offsetof(struct arch_percpu, preempt))
			 : "memory", "cc");
}
void arch_resched_cpu(unsigned cpu, struct arch_task *running);
static inline void arch_resched_clear(struct arch_task *task)
{
	arch_work_clear(task, ARCH_WORK_RESCHED);
	__asm__ volatile("orl %0, %%gs:%c1" ::"i"(ARCH_PREEMPT_QUIET),
			 "i"(offsetof(struct arch_percpu, preempt))
			 : "memory", "cc");
}
