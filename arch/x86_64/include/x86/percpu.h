/* SPDX-License-Identifier: MIT */
/* What the arch has for each processor beyond <arch/percpu.h>: the block GS points at. */
#pragma once

#include <arch/percpu.h>
#include <quench/compiler.h>
#include <quench/types.h>
#include <x86/descriptors.h>

/*
 * Stacks with an unmapped page below, so that an overflow faults. An IST stack's topmost
 * 16 bytes hold the processor's struct x86_cpu: entries that may strike between user mode and
 * SWAPGS find it there, whatever GS base says.
 */
#define X86_BOOT_STACK_BYTES 32768
#define X86_IST_STACK_BYTES  8192

struct x86_boot_stack {
	u8 guard[PAGE_BYTES];
	u8 bytes[X86_BOOT_STACK_BYTES];
} __aligned(4096);

struct x86_ist_stack {
	u8 guard[PAGE_BYTES];
	u8 bytes[X86_IST_STACK_BYTES - 16];
	struct x86_cpu *cpu;
	u64 reserved;
} __aligned(4096);

struct arch_aspace;

/* How far another processor has come. */
enum x86_cpu_state { CPU_ASLEEP, CPU_AWAKE, CPU_REFUSED, CPU_COMPARES, CPU_RUNS };

struct x86_cpu {
	struct arch_percpu shared; /* first: its offsets are GS's */
	u32 apic_id;
	u32 nr_nmis;
	/* mm: what CR3 holds, NULL for the kernel's own; lazy: nobody here needs it. Written by
	 * this processor with interrupts off. */
	struct arch_aspace *loaded;
	bool lazy;
	struct x86_tss tss;
	u64 *gdt;                   /* X86_GDT_ENTRIES; read-only once loaded */
	struct x86_ist_stack *ists; /* NR_ISTS - 1 of them */
	u32 state;                  /* enum x86_cpu_state, atomic */
	int lacking;                /* the feature it was refused for */
};
_Static_assert(offsetof(struct x86_cpu, shared) == 0, "arch_percpu is what GS points at");

extern struct x86_boot_stack x86_boot_stack;
extern struct x86_ist_stack x86_ist_stacks[NR_ISTS - 1];
extern struct x86_cpu x86_boot_cpu;

/* Points GS at the boot CPU's data: the first thing C does. */
void x86_percpu_init(void);
/* The same on another processor, for its block. */
void x86_percpu_load(struct x86_cpu *cpu);

static inline struct x86_cpu *x86_this_cpu(void)
{
	struct x86_cpu *cpu;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}
