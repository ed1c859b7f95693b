/* SPDX-License-Identifier: MIT */
/* The first C code: brings up the lines, reads what the boot loader left, starts the kernel. */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <quench/log.h>
#include <quench/upcalls.h>
#include <x86/boot.h>
#include <x86/machine.h>
#include <x86/percpu.h>
#include <x86/smp.h>

static struct boot_info boot_info;

static void record_text(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	arch_line_write(ARCH_LINE_RECORDS, text, n);
}

/* Without the kernel's record writer: `why` is ours and has nothing to escape. */
void x86_boot_fail(const char *why)
{
	log_line("quench: cannot boot: %s", why);
	record_text("{\"t\":\"fail\",\"why\":\"");
	record_text(why);
	record_text("\"}\n{\"t\":\"exit\",\"status\":1}\n");
	arch_exit(ARCH_FAIL, ARCH_EXIT_DEBUG);
}

void x86_boot(u32 magic, paddr_t info)
{
	const struct boot_window memory = { 0, ARCH_EARLY_MAP_BYTES, arch_direct_map(0) };
	char error[160];
	int result;

	x86_clock_start();
	x86_percpu_init();
	x86_console_init();
	if (magic == MULTIBOOT2_MAGIC)
		result = multiboot2_parse(&memory, info, &boot_info, error, sizeof(error));
	else if (magic == PVH_MAGIC)
		result = pvh_parse(&memory, info, &boot_info, error, sizeof(error));
	else
		x86_boot_fail("started by a loader that is neither Multiboot2 nor PVH");
	if (result)
		x86_boot_fail(error);
	x86_machine_find(&memory, &boot_info);
	kernel_main(&boot_info);
}
