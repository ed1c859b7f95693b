/* SPDX-License-Identifier: MIT */
/* From what a boot loader left in memory to struct boot_info. The parsers are PURE. */
#pragma once

#include <quench/boot_info.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* In EAX at the entry; start.asm puts PVH's own there, which the protocol has in memory. */
#define MULTIBOOT2_MAGIC 0x36d76289
#define PVH_MAGIC        0x336ec578

/* Physical memory a parser may read: [base, base+bytes) is to be seen at `data`. */
struct boot_window {
	paddr_t base;
	u64 bytes;
	const u8 *data;
};

/* The `bytes` bytes at `address`, or NULL when they are not all inside the window. */
static inline const void *boot_view(const struct boot_window *memory, paddr_t address, u64 bytes)
{
	if (address < memory->base || address - memory->base > memory->bytes ||
	    bytes > memory->bytes - (address - memory->base))
		return NULL;
	return memory->data + (address - memory->base);
}

/*
 * Read the loader's structure at physical address `info`. 0 and *out whole, or, with a message
 * for people in `error`:
 *   -EINVAL  the structure is malformed or leaves the window
 *   -E2BIG   the command line does not fit into BOOT_CMDLINE_BYTES
 *   -ENOENT  there is no memory map, or none of it is usable
 *   -ENOSPC  the memory map has too many ranges
 * "Multiboot2 Specification version 2.0", section "Boot information format"; Xen's
 * "x86/HVM direct boot ABI" and public header hvm/start_info.h.
 */
int multiboot2_parse(const struct boot_window *memory, paddr_t info, struct boot_info *out,
		     char *error, size_t error_bytes);
int pvh_parse(const struct boot_window *memory, paddr_t info, struct boot_info *out, char *error,
	      size_t error_bytes);

/* Copies a command line of `length` bytes (without NUL): 0 or -E2BIG with a message. PURE. */
int boot_set_cmdline(struct boot_info *out, const char *text, size_t length, char *error,
		     size_t error_bytes);

/*
 * boot/memory_map.c. Adds a range as the firmware named it: any order, overlaps welcome, types
 * unknown to enum memory_type are reserved, what lies beyond 2^52 is cut off.
 * 0, or -ENOSPC when there are more than BOOT_MAX_RANGES even after resolving.
 */
int boot_map_add(struct boot_info *info, u64 base, u64 bytes, u32 type);
/*
 * Sorts by address, lets the worse type win where ranges overlap (bad, reserved, NVS, ACPI,
 * usable), joins neighbours of one type. 0 or -ENOSPC.
 */
int boot_map_resolve(struct boot_info *info);
/* The message for -ENOSPC, which it returns. */
int boot_map_full(char *error, size_t error_bytes);
/* boot_map_resolve with messages, and -ENOENT when nothing usable is left. */
int boot_map_finish(struct boot_info *info, char *error, size_t error_bytes);

/* boot/boot.c, from start.asm: `magic` as above, `info` the loader's structure. */
__noreturn void x86_boot(u32 magic, paddr_t info);
/* Says why there is nothing to boot, on both lines, and ends the machine with ARCH_FAIL. */
__noreturn void x86_boot_fail(const char *why);
