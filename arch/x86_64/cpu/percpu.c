/* SPDX-License-Identifier: MIT */
/* The boot CPU's own data, its stacks, and what the kernel hangs on it. */
#include <arch/cpu.h>
#include <arch/preempt.h>
#include <x86/percpu.h>
#include <x86/registers.h>

struct x86_boot_stack x86_boot_stack;
struct x86_ist_stack x86_ist_stacks[NR_ISTS - 1];
struct x86_cpu x86_boot_cpu;

/* The boot CPU's copy of the PERCPU variables is where the linker put them. */
u64 arch_percpu_delta[MAX_CPUS];

void x86_percpu_load(struct x86_cpu *cpu)
{
	cpu->shared.self = &cpu->shared;
	cpu->shared.preempt = 1 | ARCH_PREEMPT_QUIET;
	x86_write_msr(MSR_GS_BASE, (u64)cpu);
	x86_write_msr(MSR_KERNEL_GS_BASE, 0);
}

void x86_percpu_init(void)
{
	struct x86_cpu *cpu = &x86_boot_cpu;

	cpu->shared.kernel_stack_top = (u64)(&x86_boot_stack + 1);
	cpu->tss.rsp[0] = cpu->shared.kernel_stack_top;
	cpu->ists = x86_ist_stacks;
	x86_percpu_load(cpu);
}

/* The task's field too: without FSGSBASE a switch does not read the register back. */
void arch_set_fs_base(u64 base)
{
	struct arch_task *task = arch_current();

	task->fs_base = base;
	x86_write_msr(MSR_FS_BASE, base);
}

u64 arch_fs_base(void)
{
	return x86_read_msr(MSR_FS_BASE);
}

/* In the kernel GS base is the kernel's; the program's waits in the MSR SWAPGS exchanges with. */
void arch_set_gs_base(u64 base)
{
	struct arch_task *task = arch_current();

	task->gs_base = base;
	x86_write_msr(MSR_KERNEL_GS_BASE, base);
}

u64 arch_gs_base(void)
{
	return x86_read_msr(MSR_KERNEL_GS_BASE);
}
