/* SPDX-License-Identifier: MIT */
/* The boot order, readable from top to bottom. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/smp.h>
#include <kernel/bench/calibrate.h>
#include <kernel/bench/copy.h>
#include <kernel/bench/seed.h>
#include <kernel/end.h>
#include <kernel/forge.h>
#include <kernel/fs/initramfs.h>
#include <kernel/lib/options.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/page.h>
#include <kernel/proc/process.h>
#include <kernel/programs.h>
#include <kernel/report.h>
#include <kernel/sched/sched.h>
#include <kernel/seal.h>
#include <kernel/selftest/copy.h>
#include <quench/log.h>
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

void kernel_main(const struct boot_info *info)
{
	arch_cpu_init();
	report_boot(info);
	read_command_line(info);
	know_processor();
	take_memory(info);
	calibrate_if_asked(options.copy);
	forge_text(&options);
	arch_cpu_harden();
	find_timer();
	seal_kernel();
	seal_verify(options.expect);
	sched_init();
	start_processors();
	unpack_initramfs(info);
	process_init_self();
	bool well = programs_run(&options);

	if (options.selftest_copy)
		well &= selftest_copy();
	if (options.bench_copy)
		bench_copy();
	if (options.bench_seed)
		bench_seed();
	end_machine(well, (enum arch_exit)options.exit);
}
