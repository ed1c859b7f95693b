/* SPDX-License-Identifier: MIT */
/* The programs that the command line names. */
#include <arch/cpu.h>
#include <arch/spinlock.h>
#include <kernel/lib/panic.h>
#include <kernel/proc/process.h>
#include <kernel/programs.h>
#include <quench/log.h>
#include <quench/records.h>

static bool run_program(const struct options *options, const char *path)
{
	const char *argv[OPTIONS_MAX_ARGUMENTS + 2] = { path };
	static const char *const envp[] = { "HOME=/", "TERM=linux", "PATH=/bin", NULL };
	int status = 0;

	for (size_t i = 0; i < options->nr_arguments; i++)
		argv[i + 1] = options->arguments[i];
	record_begin("program");
	record_string("path", path);
	record_u64("tsc", arch_tsc());
	record_end();
	u64 waits = arch_spin_waits();
	int error = process_run(path, argv, envp, &status);

	if (error)
		refuse("cannot run %s: error %d; name a static ELF64 program of the initramfs with "
		       "init=PATH",
		       path, -error);
	record_begin("end");
	record_string("path", path);
	record_u64("status", (u64)status >> 8 & 0xff);
	record_u64("signal", (u64)status & 0x7f);
	record_u64("lock_waits", arch_spin_waits() - waits);
	record_end();
	if (status >> 8)
		log_line("%s ended with status %d", path, status >> 8);
	return status == 0;
}

bool programs_run(const struct options *options)
{
	bool well = options->nr_programs || run_program(options, "/init");

	for (size_t i = 0; i < options->nr_programs; i++)
		well &= run_program(options, options->programs[i]);
	return well;
}
