/* SPDX-License-Identifier: MIT */
/* Brings the boot CPU from what start.asm left to one that can take traps and run programs. */
#include <arch/cpu.h>
#include <x86/descriptors.h>
#include <x86/machine.h>
#include <x86/registers.h>

/* What every 64-bit processor has and programs rely on: SSE, its exceptions, #AC on request. */
void x86_control_init(void)
{
	x86_write_cr0((x86_read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_AM);
	x86_write_cr4(x86_read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT);
}

void arch_cpu_init(void)
{
	x86_descriptors_init();
	x86_idt_init();
	x86_control_init();
	x86_syscall_init();
	x86_pic_init();
	x86_clock_init();
}
