/* SPDX-License-Identifier: MIT */
/* Switching between tasks: user state of the processor, kernel stack, context. */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/task.h>
#include <quench/string.h>
#include <x86/descriptors.h>
#include <x86/fpu.h>
#include <x86/percpu.h>
#include <x86/registers.h>

/*
 * FS and GS base of the program. Where it may write them itself (FSGSBASE) they are read and
 * written by the instructions for that, GS's between two SWAPGS: interrupts are off, and NMIs
 * find the kernel's GS by themselves (entry.asm). Elsewhere only arch_prctl changes them, which
 * keeps the task's fields true. SDM volume 2, "RDFSBASE/RDGSBASE", "WRFSBASE/WRGSBASE".
 */
static void save_bases(struct arch_task *task)
{
	if (cpu_has(FEATURE_FSGSBASE))
		__asm__ volatile("rdfsbase %0\n\tswapgs\n\trdgsbase %1\n\tswapgs"
				 : "=r"(task->fs_base), "=r"(task->gs_base));
}

static void load_bases(u64 fs_base, u64 gs_base)
{
	if (cpu_has(FEATURE_FSGSBASE)) {
		__asm__ volatile("wrfsbase %0\n\tswapgs\n\twrgsbase %1\n\tswapgs" ::"r"(fs_base),
				 "r"(gs_base)
				 : "memory");
	} else {
		x86_write_msr(MSR_FS_BASE, fs_base);
		x86_write_msr(MSR_KERNEL_GS_BASE, gs_base);
	}
}

/* Selectors mean nothing in 64-bit mode, yet a program finds those it left. */
static void save_selectors(struct arch_task *task)
{
	__asm__ volatile("movw %%ds, %0\n\tmovw %%es, %1\n\tmovw %%fs, %2\n\tmovw %%gs, %3"
			 : "=m"(task->ds), "=m"(task->es), "=m"(task->fs), "=m"(task->gs));
}

/* One number that is 0 when all four are null, as programs of today have them. */
static u64 selectors(const struct arch_task *task)
{
	u64 all;

	__builtin_memcpy(&all, &task->ds, sizeof(all));
	return all;
}
_Static_assert(offsetof(struct arch_task, gs) == offsetof(struct arch_task, ds) + 6,
	       "four selectors in a row");

/* A selector that is not in the table any more would fault; the only ones there are those below,
 * and null. Loading GS replaces the kernel's base: the block's address brings it back. */
static void load_selectors(const struct arch_task *task)
{
	struct x86_cpu *cpu = x86_this_cpu();

	__asm__ volatile("movl %0, %%ds\n\tmovl %1, %%es\n\tmovl %2, %%fs\n\tmovl %3, %%gs" ::"r"(
				 (u32)task->ds),
			 "r"((u32)task->es), "r"((u32)task->fs), "r"((u32)task->gs)
			 : "memory");
	x86_write_msr(MSR_GS_BASE, (u64)cpu);
}

static void save_user(struct arch_task *task)
{
	x86_fpu_save(task->fpu);
	save_bases(task);
}

/* Segments first: loading them may clear the bases. `before` was loaded until now. */
static void load_user(const struct arch_task *task, u64 before)
{
	x86_fpu_load(task->fpu);
	if (unlikely(before | selectors(task)))
		load_selectors(task);
	load_bases(task->fs_base, task->gs_base);
}

static void set_current(struct arch_task *task)
{
	struct x86_cpu *cpu = x86_this_cpu();

	cpu->shared.current = task;
	cpu->shared.kernel_stack_top = task->stack_top;
	cpu->tss.rsp[0] = task->stack_top;
}

void arch_task_switch(struct arch_task *from, struct arch_task *to)
{
	if (from->fpu)
		save_user(from);
	save_selectors(from); /* of whoever was here last, if `from` is the kernel's */
	set_current(to);
	if (to->fpu)
		load_user(to, selectors(from));
	arch_context_switch(&from->context, &to->context);
}

void arch_task_adopt(struct arch_task *task)
{
	set_current(task);
}

void arch_task_init(struct arch_task *task, void *stack_top, void (*entry)(void *), void *argument)
{
	task->stack_top = (u64)stack_top;
	if (task->fpu)
		arch_fpu_init(task->fpu);
	arch_context_init(&task->context, arch_task_frame(task), entry, argument);
}

void arch_task_copy_user(struct arch_task *child)
{
	u64 flags = arch_interrupts_save();
	const struct arch_task *parent = arch_current();

	child->fs_base = parent->fs_base;
	child->gs_base = parent->gs_base;
	save_user(child);
	save_selectors(child);
	arch_interrupts_restore(flags);
}

void arch_task_reset_user(void)
{
	u64 flags = arch_interrupts_save();
	struct arch_task *task = arch_current();

	save_selectors(task);
	u64 before = selectors(task);

	task->ds = task->es = task->fs = task->gs = 0;
	task->fs_base = task->gs_base = 0;
	arch_fpu_init(task->fpu);
	load_user(task, before);
	arch_interrupts_restore(flags);
}

void arch_frame_start(struct full_frame *frame, vaddr_t rip, vaddr_t rsp)
{
	*frame = (struct full_frame){
		.trap = {
			.vector = TRAP_VECTOR_SYSCALL,
			.rip = rip,
			.cs = X86_USER_CS,
			.rflags = RFLAGS_IF | RFLAGS_FIXED,
			.rsp = rsp,
			.ss = X86_USER_SS,
		},
	};
}
