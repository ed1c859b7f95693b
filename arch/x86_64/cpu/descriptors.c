/* SPDX-License-Identifier: MIT */
/* GDT and TSS of each processor. */
#include <quench/compiler.h>
#include <quench/string.h>
#include <x86/descriptors.h>
#include <x86/percpu.h>

/* SDM volume 3, "Segment Descriptors". The accessed bit is set, so that loading a segment does
 * not write to the table, which is read-only from the seal on. */
#define DESCRIPTOR_CODE_64 UINT64_C(0x00af9b000000ffff)
#define DESCRIPTOR_DATA    UINT64_C(0x00cf93000000ffff)
#define DESCRIPTOR_USER    UINT64_C(0x0000600000000000) /* DPL 3 */
#define DESCRIPTOR_TSS     UINT64_C(0x0000890000000000)

static const u64 segments[X86_GDT_ENTRIES] = {
	[X86_KERNEL_CS / 8] = DESCRIPTOR_CODE_64,
	[X86_KERNEL_SS / 8] = DESCRIPTOR_DATA,
	[X86_USER_SS / 8] = DESCRIPTOR_DATA | DESCRIPTOR_USER,
	[X86_USER_CS / 8] = DESCRIPTOR_CODE_64 | DESCRIPTOR_USER,
};

/* The boot CPU's; the others' is in their area. */
static u64 boot_gdt[X86_GDT_ENTRIES] __ro_after_init;

static void set_tss_descriptor(u64 *gdt, const struct x86_tss *tss)
{
	u64 base = (u64)tss;

	gdt[X86_TSS / 8] = DESCRIPTOR_TSS | (sizeof(*tss) - 1) | (base & 0xffffff) << 16 |
			   (base >> 24 & 0xff) << 56;
	gdt[X86_TSS / 8 + 1] = base >> 32;
}

static void set_stacks(struct x86_cpu *cpu)
{
	for (int slot = IST_NONE + 1; slot < NR_ISTS; slot++) {
		struct x86_ist_stack *stack = &cpu->ists[slot - 1];

		stack->cpu = cpu;
		cpu->tss.ist[slot - 1] = (u64)&stack->cpu;
	}
	cpu->tss.io_map = sizeof(cpu->tss);
}

/* The code segment needs a far return; FS and GS stay: loading a selector clears their bases. */
static void load_segments(void)
{
	u64 scratch;

	__asm__ volatile("pushq %[cs]\n\t"
			 "leaq 1f(%%rip), %[scratch]\n\t"
			 "pushq %[scratch]\n\t"
			 "lretq\n"
			 "1:\n\t"
			 "movl %[ss], %%ss\n\t"
			 "movl %[null], %%ds\n\t"
			 "movl %[null], %%es\n\t"
			 "ltr %w[tss]"
			 : [scratch] "=&r"(scratch)
			 : [cs] "i"(X86_KERNEL_CS), [ss] "r"(X86_KERNEL_SS), [null] "r"(0),
			   [tss] "r"(X86_TSS)
			 : "memory");
}

void x86_descriptors_load(struct x86_cpu *cpu)
{
	const struct x86_table_pointer pointer = { sizeof(segments) - 1, (u64)cpu->gdt };

	memcpy(cpu->gdt, segments, sizeof(segments));
	set_stacks(cpu);
	set_tss_descriptor(cpu->gdt, &cpu->tss);
	__asm__ volatile("lgdt %0" ::"m"(pointer) : "memory");
	load_segments();
}

void x86_descriptors_init(void)
{
	x86_boot_cpu.gdt = boot_gdt;
	x86_descriptors_load(&x86_boot_cpu);
}
