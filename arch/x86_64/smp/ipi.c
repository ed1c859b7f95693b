/* SPDX-License-Identifier: MIT */
/* What processors ask of one another: to look for work, to run a function, to stop. */
#include <arch/preempt.h>
#include <arch/smp.h>
#include <arch/spinlock.h>
#include <x86/bits.h>
#include <x86/percpu.h>
#include <x86/smp.h>
#include <x86/vectors.h>

/*
 * A call: what one processor asks of others, in its own slot, which is free again once `left` is
 * 0. Each processor has a set of those whose calls it has not run yet.
 */
struct call {
	void (*fn)(void *argument);
	void *argument;
	u32 left; /* atomic: processors that have not run it yet */
} __aligned(64);

static PERCPU(struct call, calls);
static PERCPU(struct cpumask, callers); /* atomic */

static u32 stopping; /* 0, or 1 + the index of the processor that stops the others */

void arch_kick(unsigned cpu)
{
	if (cpu < x86_nr_cpus)
		x86_ipi(x86_cpus[cpu]->apic_id, DELIVER_FIXED, VECTOR_RESCHEDULE);
}

void arch_resched_cpu(unsigned cpu, struct arch_task *running)
{
	if (cpu == arch_cpu_index()) {
		arch_resched_here();
		return;
	}
	arch_work_set(running, ARCH_WORK_RESCHED);
	arch_kick(cpu);
}

/* The request another processor noted in the running task becomes this one's own. */
void x86_resched_arrived(void)
{
	const struct arch_task *task = arch_current();

	if (task && arch_work_get(task) & ARCH_WORK_RESCHED)
		arch_resched_here();
}

static void run_call(unsigned caller)
{
	struct call *call = percpu_of(calls, caller);

	call->fn(call->argument);
	__atomic_fetch_sub(&call->left, 1, __ATOMIC_RELEASE);
}

/* Runs what others ask of this processor: from their interrupt, and in every wait that may keep
 * it away. */
void x86_calls_run(void)
{
	struct cpumask *mine = percpu_here(callers);
	u64 flags;

	if (cpumask_empty(mine))
		return;
	flags = arch_interrupts_save();
	for (unsigned i = 0; i < MAX_CPUS / 64; i++) {
		u64 word = __atomic_exchange_n(&mine->word[i], 0, __ATOMIC_ACQ_REL);

		for (; word; word &= word - 1)
			run_call(i * 64 + (unsigned)__builtin_ctzll(word));
	}
	arch_interrupts_restore(flags);
}

static unsigned send_call(const struct cpumask *cpus, unsigned self)
{
	unsigned cpu, n = 0;

	cpumask_for_each(cpu, cpus)
	{
		if (cpu == self || cpu >= x86_nr_cpus)
			continue;
		cpumask_set_atomic(percpu_of(callers, cpu), self);
		x86_ipi(x86_cpus[cpu]->apic_id, DELIVER_FIXED, VECTOR_CALL);
		n++;
	}
	return n;
}

/* The first n bits, all from 64 on. */
static u64 first_bits(unsigned n)
{
	return n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);
}

/* How many of the set are others that run. */
static u32 count_others(const struct cpumask *cpus, unsigned self)
{
	u32 n = 0;

	for (unsigned i = 0; i * 64 < x86_nr_cpus; i++)
		n += x86_count_bits(cpus->word[i] & first_bits(x86_nr_cpus - i * 64));
	return n - cpumask_test(cpus, self);
}

void arch_call_on(const struct cpumask *cpus, void (*fn)(void *argument), void *argument)
{
	/* The set may change under us: a copy decides who is counted and who is called. */
	const struct cpumask chosen = *cpus;
	unsigned self = arch_cpu_index();
	struct call *call = percpu_of(calls, self);
	u64 flags;

	call->fn = fn;
	call->argument = argument;
	__atomic_store_n(&call->left, count_others(&chosen, self), __ATOMIC_RELEASE);
	send_call(&chosen, self);
	if (cpumask_test(&chosen, self)) {
		flags = arch_interrupts_save();
		fn(argument);
		arch_interrupts_restore(flags);
	}
	while (__atomic_load_n(&call->left, __ATOMIC_ACQUIRE)) {
		arch_pause();
		x86_calls_run();
	}
}

/* For good, whatever the others are doing: NMI reaches them with interrupts off, too. */
void arch_stop_others(void)
{
	u32 nobody = 0;

	if (!__atomic_compare_exchange_n(&stopping, &nobody, 1 + arch_cpu_index(), false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
	    nobody != 1 + arch_cpu_index())
		for (;;)
			__asm__ volatile("cli\n\thlt" ::: "memory");
	/* One by one: an NMI to all would reach those that were never started, and QEMU wakes them.
	 */
	for (unsigned cpu = 0; cpu < x86_nr_cpus; cpu++)
		if (x86_cpus[cpu] != x86_this_cpu())
			x86_ipi(x86_cpus[cpu]->apic_id, DELIVER_NMI, 0);
}

bool x86_is_stopping(void)
{
	return __atomic_load_n(&stopping, __ATOMIC_RELAXED);
}

/* In any context, the middle of a user copy too: touches nothing but its own counter. */
void x86_nmi(void)
{
	struct x86_cpu *cpu = x86_this_cpu();
	u32 stopper = __atomic_load_n(&stopping, __ATOMIC_RELAXED);

	cpu->nr_nmis++;
	if (stopper && stopper != 1 + cpu->shared.index)
		for (;;)
			__asm__ volatile("cli\n\thlt" ::: "memory");
}

void arch_halt(void)
{
	/* STI holds interrupts back for one more instruction: none falls between. SDM volume 2,
	 * "STI—Set Interrupt Flag". */
	__asm__ volatile("sti\n\thlt" ::: "memory");
}
