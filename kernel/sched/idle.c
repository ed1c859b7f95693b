/* SPDX-License-Identifier: MIT */
/* What a processor does when there is nothing to do, and how each gets its first task. */
#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/smp.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/create.h>
#include <kernel/sched/queue.h>
#include <quench/log.h>
#include <quench/upcalls.h>

static struct task boot_task = { .name = "main" };

/* Interrupts are on when it starts; preemption too. */
static __noreturn void idle(void)
{
	unsigned cpu = arch_cpu_index();
	struct cpu_queue *queue = percpu_of(sched_queue, cpu);
	struct arch_task *self = arch_current();

	for (;;) {
		arch_interrupts_off();
		cpumask_clear_atomic(&sched_idle_cpus, cpu);
		sched_switch(SCHED_PREEMPTED); /* looks for work here and elsewhere */
		cpumask_set_atomic(&sched_idle_cpus, cpu);
		if (READ_ONCE(queue->fair.nr) || arch_work_get(self) & ARCH_WORK_RESCHED)
			continue;
		arch_halt();
	}
}

static void idle_entry(void *argument)
{
	sched_first_steps();
	idle();
}

static struct task *make_idle(void)
{
	struct task *task = task_create("idle");

	if (!task)
		refuse("not enough memory for the processors' idle tasks; give the machine more");
	return task;
}

/* The boot context copies as programs do, and others run in between. */
static void keep_boot_fpu(void)
{
	boot_task.arch.fpu = kmalloc(arch_fpu_bytes());
	if (!boot_task.arch.fpu)
		refuse("not enough memory for the first task; give the machine more");
	arch_fpu_init(boot_task.arch.fpu);
}

void sched_init(void)
{
	struct task *idle_task = make_idle();

	arch_task_init(&idle_task->arch, task_stack_top(idle_task), idle_entry, idle_task);
	task_init_kernel(&boot_task);
	keep_boot_fpu();
	sched_queue_init(0, &boot_task, idle_task);
	arch_task_adopt(&boot_task.arch);
	preempt_enable_quiet(); /* it starts at 1 */
	arch_interrupts_on();
}

void kernel_cpu_main(void)
{
	struct task *task = make_idle();

	sched_queue_init(arch_cpu_index(), task, task);
	arch_task_adopt(&task->arch);
	preempt_enable_quiet();
	idle();
}
