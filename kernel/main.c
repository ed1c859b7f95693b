/* SPDX-License-Identifier: MIT */
/* The boot order, readable from top to bottom. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/smp.h>
#include <asm/errno.h>
#include <kernel/alternatives/alternatives.h>
#include <kernel/bench/calibrate.h>
#include <kernel/bench/copy.h>
#include <kernel/bench/seed.h>
#include <kernel/extable/extable.h>
#include <kernel/fs/initramfs.h>
#include <kernel/lib/options.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/proc/process.h>
#include <kernel/report.h>
#include <kernel/sched/sched.h>
#include <kernel/seal.h>
#include <kernel/selftest/copy.h>
#include <quench/log.h>
#include <quench/records.h>
#include <quench/string.h>
#include <quench/upcalls.h>

static struct options options __ro_after_init;
static char command_line[BOOT_CMDLINE_BYTES] __ro_after_init; /* options points into it */

static void read_command_line(const struct boot_info *info)
{
	char error[512];

	memcpy(command_line, info->cmdline, sizeof(command_line));
	if (options_parse(command_line, &options, error, sizeof(error)))
		refuse("%s", error);
}

static void know_processor(void)
{
	char error[512];

	if (arch_cpu_detect(options.cpu, options.copy, error, sizeof(error)))
		refuse("%s", error);
	report_cpu();
}

/* Memory comes in two steps: what the first page tables reach, then all of it. */
static void take_memory(const struct boot_info *info)
{
	const char *error = page_init(info);

	if (error)
		refuse("%s", error);
	if (arch_mm_init(info))
		refuse("not enough memory for the kernel's page tables; give the machine more");
	page_init_rest(info);
}

static enum alternatives_report alt_report(void)
{
	if (options.alt_quiet)
		return ALTERNATIVES_QUIET;
	return options.alt_trace ? ALTERNATIVES_TRACE : ALTERNATIVES_RECORD;
}

/* Every site gets its final bytes, then the exception table follows the code that moved. The plan
 * is needed for just that long. */
static void forge_text(void)
{
	struct alt_plan plan = alternatives_room();

	plan.moves = kmalloc(plan.max_moves * sizeof(*plan.moves));
	plan.bytes = kmalloc(plan.max_bytes);
	if (!plan.moves || !plan.bytes)
		refuse("not enough memory to patch the kernel; give the machine more");
	if (alternatives_apply(&arch_cpu_report()->features, alt_report(), &plan))
		panic("the kernel's alternatives are damaged");
	if (extable_init(plan.moves, plan.nr_moves))
		panic("the kernel's exception table is damaged");
	kfree(plan.bytes);
	kfree(plan.moves);
}

/* This processor's interrupt controller and timer. */
static void find_timer(void)
{
	const char *why = arch_smp_init();

	if (why)
		log_line("smp: one processor and no timer: %s", why);
}

static void start_processors(void)
{
	arch_smp_start(options.smp, options.ap);
	report_smp();
}

static void unpack_initramfs(const struct boot_info *info)
{
	if (!info->initramfs_bytes)
		refuse("no initramfs was given; boot with one (QEMU: -initrd, GRUB: module2)");
	fs_init();
	const char *error = initramfs_init(info->initramfs, info->initramfs_bytes);

	if (error)
		refuse("the initramfs cannot be used: %s", error);
}

static bool run_program(const char *path)
{
	const char *argv[OPTIONS_MAX_ARGUMENTS + 2] = { path };
	static const char *const envp[] = { "HOME=/", "TERM=linux", "PATH=/bin", NULL };
	int status = 0;

	for (size_t i = 0; i < options.nr_arguments; i++)
		argv[i + 1] = options.arguments[i];
	record_begin("program");
	record_string("path", path);
	record_u64("tsc", arch_tsc());
	record_end();
	int error = process_run(path, argv, envp, &status);

	if (error)
		refuse("cannot run %s: error %d; name a static ELF64 program of the initramfs with "
		       "init=PATH",
		       path, -error);
	record_begin("end");
	record_string("path", path);
	record_u64("status", (u64)status >> 8 & 0xff);
	record_u64("signal", (u64)status & 0x7f);
	record_end();
	if (status >> 8)
		log_line("%s ended with status %d", path, status >> 8);
	return status == 0;
}

/* The programs of init=, one after another; how the last that failed ended decides. */
static bool run_programs(void)
{
	bool well = options.nr_programs || run_program("/init");

	for (size_t i = 0; i < options.nr_programs; i++)
		well &= run_program(options.programs[i]);
	return well;
}

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

static __noreturn void end(bool well)
{
	report_memory();
	log_line("quench: %s", well ? "passed" : "failed");
	record_begin("exit");
	record_u64("status", well ? 0 : 1);
	record_end();
	arch_exit(well ? ARCH_PASS : ARCH_FAIL, (enum arch_exit)options.exit);
}

void kernel_main(const struct boot_info *info)
{
	arch_cpu_init();
	report_boot(info);
	read_command_line(info);
	know_processor();
	take_memory(info);
	calibrate_if_asked(options.copy);
	forge_text();
	arch_cpu_harden();
	find_timer();
	seal_kernel();
	seal_verify(options.expect);
	sched_init();
	start_processors();
	unpack_initramfs(info);
	bool well = run_programs();

	if (options.selftest_copy)
		well &= selftest_copy();
	if (options.bench_copy)
		bench_copy();
	if (options.bench_seed)
		bench_seed();
	end(well);
}
