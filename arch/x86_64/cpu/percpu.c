/* SPDX-License-Identifier: MIT */
/* The boot CPU's own data, its stacks, and what the kernel hangs on it. */
#include <arch/cpu.h>
#include <x86/percpu.h>
#include <x86/registers.h>

struct x86_boot_stack x86_boot_stack;
struct x86_ist_stack x86_ist_stacks[NR_ISTS - 1];

static struct x86_cpu boot_cpu;

void x86_percpu_init(void)
{
	boot_cpu.self = &boot_cpu;
	boot_cpu.kernel_stack_top = (u64)(&x86_boot_stack + 1);
	boot_cpu.tss.rsp[0] = boot_cpu.kernel_stack_top;
	x86_write_msr(MSR_GS_BASE, (u64)&boot_cpu);
	x86_write_msr(MSR_KERNEL_GS_BASE, 0);
}

void *arch_current(void)
{
	return x86_this_cpu()->current;
}

void arch_set_current(void *task, void *kernel_stack_top)
{
	struct x86_cpu *cpu = x86_this_cpu();

	cpu->current = task;
	cpu->kernel_stack_top = (u64)kernel_stack_top;
	cpu->tss.rsp[0] = (u64)kernel_stack_top;
}

void arch_set_fs_base(u64 base)
{
	x86_write_msr(MSR_FS_BASE, base);
}

u64 arch_fs_base(void)
{
	return x86_read_msr(MSR_FS_BASE);
}

/* In the kernel GS base is the kernel's; the program's waits in the MSR SWAPGS exchanges with. */
void arch_set_gs_base(u64 base)
{
	x86_write_msr(MSR_KERNEL_GS_BASE, base);
}

u64 arch_gs_base(void)
{
	return x86_read_msr(MSR_KERNEL_GS_BASE);
}
