/* SPDX-License-Identifier: MIT */
/* Which address space each processor has loaded, and making all of them forget translations. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/preempt.h>
#include <arch/smp.h>
#include <arch/tlb.h>
#include <x86/mm.h>
#include <x86/percpu.h>
#include <x86/registers.h>
#include <x86/smp.h>

/* From so many pages on, dropping every user translation at once is cheaper. */
#define MOST_PAGES 32

struct shootdown {
	struct arch_aspace *aspace;
	vaddr_t start, end;
	bool leave; /* also where somebody needs it */
};

/* Takes this processor out of the set of the one it had loaded. The order: into the new set, load,
 * out of the old one, so that whoever changes tables finds it in one of them. */
static inline void load(struct x86_cpu *cpu, struct arch_aspace *aspace)
{
	struct arch_aspace *old = cpu->loaded;
	unsigned index = cpu->shared.index;

	if (aspace)
		cpumask_set_atomic(&aspace->cpus, index);
	x86_write_cr3(aspace ? aspace->root : x86_kernel_root());
	cpu->loaded = aspace;
	if (old)
		cpumask_clear_atomic(&old->cpus, index);
}

void arch_aspace_switch(struct arch_aspace *aspace)
{
	struct x86_cpu *cpu = x86_this_cpu();

	cpu->lazy = !aspace;
	if (aspace && aspace != cpu->loaded)
		load(cpu, aspace);
}

void arch_aspace_activate(struct arch_aspace *aspace)
{
	u64 flags = arch_interrupts_save();

	arch_aspace_switch(aspace);
	arch_interrupts_restore(flags);
}

static void flush_range(vaddr_t start, vaddr_t end)
{
	if (end - start > MOST_PAGES * PAGE_BYTES) {
		x86_write_cr3(x86_read_cr3()); /* user translations are not global */
		return;
	}
	for (vaddr_t at = start; at < end; at += PAGE_BYTES)
		x86_flush_page(at);
}

/* On each processor, interrupts off. */
static void flush_on(void *argument)
{
	const struct shootdown *what = argument;
	struct x86_cpu *cpu = x86_this_cpu();

	if (cpu->loaded != what->aspace)
		return;
	if (cpu->lazy || what->leave)
		load(cpu, NULL);
	else
		flush_range(what->start, what->end);
}

/* Whether no other processor is in the set: the usual case, which needs no messages. */
static bool is_only_here(const struct cpumask *cpus)
{
	unsigned self = arch_cpu_index();
	u64 others = 0;

	for (unsigned i = 0; i < MAX_CPUS / 64; i++)
		others |=
			READ_ONCE(cpus->word[i]) & ~(i == self / 64 ? UINT64_C(1) << self % 64 : 0);
	return !others;
}

static void flush_here(struct shootdown *what)
{
	u64 flags = arch_interrupts_save();

	flush_on(what);
	arch_interrupts_restore(flags);
}

static void shoot(struct shootdown *what)
{
	preempt_disable();
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* the tables' new entries before the set */
	if (likely(is_only_here(&what->aspace->cpus)))
		flush_here(what);
	else
		arch_call_on(&what->aspace->cpus, flush_on, what);
	preempt_enable();
}

void arch_tlb_flush(struct arch_aspace *aspace, vaddr_t start, vaddr_t end)
{
	struct shootdown what = { .aspace = aspace, .start = start, .end = end };

	shoot(&what);
}

void x86_aspace_leave(struct arch_aspace *aspace)
{
	struct shootdown what = { .aspace = aspace, .leave = true };

	shoot(&what);
}
