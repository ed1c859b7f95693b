/* SPDX-License-Identifier: MIT */
/* The end of the machine: what is left of its memory, the verdict, the way out. */
#include <arch/cpu.h>
#include <arch/smp.h>
#include <kernel/end.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/proc/task.h>
#include <quench/log.h>
#include <quench/records.h>

static void drain(void *argument)
{
	kmalloc_drain();
}

/* What has ended is freed a little later, by whoever runs next: waits until nothing comes any more.
 */
static void settle_memory(void)
{
	size_t before;
	unsigned tries = 0;

	do {
		before = page_free_count();
		sched_prepare(TASK_UNINTERRUPTIBLE);
		sched_sleep_until(arch_clock_ns() + 2000000);
	} while (page_free_count() != before && ++tries < 10);
}

/* What is free now that every program has ended: a leak shows as less from run to run. */
static void report_memory(void)
{
	struct cpumask all;

	settle_memory();
	cpumask_first_n(&all, arch_cpu_count());
	preempt_disable();
	arch_call_on(&all, drain, NULL);
	preempt_enable();
	record_begin("memory");
	record_u64("free", page_free_count());
	record_u64("total", page_total_count());
	record_end();
}

void end_machine(bool well, enum arch_exit exit)
{
	report_memory();
	log_line("quench: %s", well ? "passed" : "failed");
	record_begin("exit");
	record_u64("status", well ? 0 : 1);
	record_end();
	arch_exit(well ? ARCH_PASS : ARCH_FAIL, exit);
}
