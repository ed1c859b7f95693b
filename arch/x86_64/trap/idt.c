/* SPDX-License-Identifier: MIT */
/* The interrupt descriptor table: 256 gates, read-only from the seal on. */
#include <quench/compiler.h>
#include <x86/descriptors.h>
#include <x86/machine.h>
#include <x86/vectors.h>

/* SDM volume 3, "64-Bit IDT Gate Descriptors": present 64-bit interrupt gate, which clears IF. */
#define GATE_KERNEL 0x8e
#define GATE_USER   0xee /* open to INT n of programs */

static struct x86_gate idt[256] __ro_after_init;

static void set_gate(unsigned vector, u8 type, enum x86_ist ist)
{
	u64 stub = (u64)x86_trap_stubs[vector];

	idt[vector] = (struct x86_gate){
		.offset_low = (u16)stub,
		.offset_middle = (u16)(stub >> 16),
		.offset_high = (u32)(stub >> 32),
		.selector = X86_KERNEL_CS,
		.type = type,
		.ist = ist,
	};
}

void x86_idt_load(void)
{
	const struct x86_table_pointer pointer = { sizeof(idt) - 1, (u64)idt };

	__asm__ volatile("lidt %0" ::"m"(pointer) : "memory");
}

void x86_idt_init(void)
{
	for (unsigned vector = 0; vector < ARRAY_SIZE(idt); vector++)
		set_gate(vector, GATE_KERNEL, IST_NONE);
	set_gate(VECTOR_BP, GATE_USER, IST_NONE);
	set_gate(VECTOR_NMI, GATE_KERNEL, IST_NMI);
	set_gate(VECTOR_DF, GATE_KERNEL, IST_DOUBLE_FAULT);
	set_gate(VECTOR_MC, GATE_KERNEL, IST_MACHINE_CHECK);
	x86_idt_load();
}
