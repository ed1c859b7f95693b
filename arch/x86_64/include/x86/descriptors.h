/* SPDX-License-Identifier: MIT */
/*
 * Segments, gates and the task state segment. SDM volume 3, "Protected-Mode Memory Management",
 * "64-Bit Mode Task State Segment", "64-Bit IDT Gate Descriptors".
 */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/*
 * Selectors. SYSCALL wants kernel SS right after kernel CS, SYSRET user CS right after user SS;
 * the user ones have the numbers Linux gives them, so that a program sees the same.
 */
#define X86_KERNEL_CS   0x10
#define X86_KERNEL_SS   0x18
#define X86_USER_CS32   0x23 /* base of SYSRET's pair; the descriptor is empty */
#define X86_USER_SS     0x2b
#define X86_USER_CS     0x33
#define X86_TSS         0x40
#define X86_GDT_ENTRIES 10

/* Interrupt stack table slots, as gates name them; 0 means the running or the task's stack. */
enum x86_ist { IST_NONE, IST_DOUBLE_FAULT, IST_NMI, IST_MACHINE_CHECK, NR_ISTS };

struct x86_tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7]; /* slot n of a gate is ist[n - 1] */
	u64 reserved2;
	u16 reserved3;
	u16 io_map; /* offset; beyond the limit: no port is open to programs */
} __packed;

struct x86_gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type; /* present, DPL, 64-bit interrupt gate */
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
};
_Static_assert(sizeof(struct x86_gate) == 16, "a gate is 16 bytes");

struct x86_table_pointer {
	u16 limit;
	u64 base;
} __packed;

/* Loads GDT, TSS and segment registers of the boot CPU (cpu/descriptors.c). */
void x86_descriptors_init(void);
/* Fills the block's GDT and TSS and loads them, on the block's own processor. */
struct x86_cpu;
void x86_descriptors_load(struct x86_cpu *cpu);
/* Fills the IDT and loads it (trap/idt.c); loads it alone, on another processor. */
void x86_idt_init(void);
void x86_idt_load(void);
