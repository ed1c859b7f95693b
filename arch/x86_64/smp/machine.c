/* SPDX-License-Identifier: MIT */
/* What the boot finds out about the machine's processors while all firmware tables are in reach. */
#include <quench/compiler.h>
#include <x86/smp.h>

struct x86_machine x86_machine __ro_after_init;

/* Real mode reaches the first MiB; its first pages belong to the BIOS. */
#define LOWEST_PAGE  UINT64_C(0x8000)
#define HIGHEST_PAGE UINT64_C(0x9f000)

static bool overlaps(paddr_t page, paddr_t base, u64 bytes)
{
	return page < base + bytes && base < page + PAGE_BYTES;
}

static bool is_free(const struct boot_info *info, paddr_t page)
{
	bool usable = false;

	for (size_t i = 0; i < info->nr_ranges; i++) {
		const struct memory_range *range = &info->ranges[i];

		if (!overlaps(page, range->base, range->bytes))
			continue;
		if (range->type != MEMORY_USABLE || page < range->base ||
		    page + PAGE_BYTES > range->base + range->bytes)
			return false;
		usable = true;
	}
	return usable && !overlaps(page, info->initramfs, info->initramfs_bytes);
}

static paddr_t find_trampoline(const struct boot_info *info)
{
	for (paddr_t page = LOWEST_PAGE; page < HIGHEST_PAGE; page += PAGE_BYTES)
		if (is_free(info, page))
			return page;
	return 0;
}

void x86_machine_find(const struct boot_window *memory, const struct boot_info *info)
{
	x86_machine.why = acpi_find_cpus(memory, info->rsdp, &x86_machine.cpus);
	x86_machine.trampoline = find_trampoline(info);
}
