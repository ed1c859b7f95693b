/* SPDX-License-Identifier: MIT */
/* What the boot loader told, in one form whatever it was: the arch fills it, the kernel reads it.
 */
#pragma once

#include <quench/types.h>

enum boot_via { BOOT_VIA_MULTIBOOT2, BOOT_VIA_PVH };

/* Values as in ACPI's INT 15H E820 table and in Multiboot2's memory map. */
enum memory_type {
	MEMORY_USABLE = 1,
	MEMORY_RESERVED = 2,
	MEMORY_ACPI = 3,
	MEMORY_NVS = 4,
	MEMORY_BAD = 5,
};

struct memory_range {
	paddr_t base; /* bytes, any alignment as the firmware gave it */
	u64 bytes;
	enum memory_type type;
};

#define BOOT_MAX_RANGES    128
#define BOOT_CMDLINE_BYTES 4096 /* with the terminating NUL */

struct boot_info {
	enum boot_via via;
	size_t nr_ranges;
	struct memory_range ranges[BOOT_MAX_RANGES];
	char cmdline[BOOT_CMDLINE_BYTES]; /* NUL-terminated */
	paddr_t initramfs;                /* 0 with initramfs_bytes 0: none was given */
	u64 initramfs_bytes;
	paddr_t rsdp; /* ACPI root pointer; 0: the loader named none */
};
