/* SPDX-License-Identifier: MIT */
/* What each processor has for itself, reached through GS while in the kernel. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>
#include <x86/descriptors.h>

/* asm/frame.def holds the offsets of the first four for NASM; trap/layout.c proves them. */
struct x86_cpu {
	struct x86_cpu *self;
	u64 kernel_stack_top; /* where SYSCALL starts pushing; equals tss.rsp[0]; 16-byte aligned */
	u64 user_rsp;         /* scratch of the SYSCALL entry, meaningless afterwards */
	void *current;
	u32 index;
	struct x86_tss tss;
};

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

extern struct x86_boot_stack x86_boot_stack;
extern struct x86_ist_stack x86_ist_stacks[NR_ISTS - 1];

/* Points GS at the boot CPU's data: the first thing C does. */
void x86_percpu_init(void);

static inline struct x86_cpu *x86_this_cpu(void)
{
	struct x86_cpu *cpu;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(cpu));
	return cpu;
}
