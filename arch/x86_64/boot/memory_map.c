/* SPDX-License-Identifier: MIT */
/* Brings the firmware's memory map into order: sorted, without overlaps, joined. PURE. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/boot.h>

/* No x86-64 processor has more physical address bits: SDM volume 3, "4-Level Paging and 5-Level
 * Paging", MAXPHYADDR. Below it no sum here can wrap. */
#define PHYSICAL_LIMIT (UINT64_C(1) << 52)

/* How bad it would be to take one type for another; 0 is a hole. */
static unsigned severity(unsigned type)
{
	switch (type) {
	case 0:
		return 0;
	case MEMORY_USABLE:
		return 1;
	case MEMORY_ACPI:
		return 2;
	case MEMORY_NVS:
		return 3;
	case MEMORY_BAD:
		return 5;
	default:
		return 4;
	}
}

/* The worst type named for the byte at `at` (0: none), and where the answer next may change. */
static unsigned worst_type_at(const struct memory_range *ranges, size_t n, u64 at, u64 *until)
{
	unsigned worst = 0;

	*until = PHYSICAL_LIMIT;
	for (size_t i = 0; i < n; i++) {
		u64 edge = ranges[i].base + ranges[i].bytes;

		if (at < ranges[i].base)
			edge = ranges[i].base;
		else if (at >= edge)
			continue;
		else if (severity(ranges[i].type) > severity(worst))
			worst = ranges[i].type;
		if (edge < *until)
			*until = edge;
	}
	return worst;
}

static int append(struct boot_info *info, u64 base, u64 bytes, unsigned type)
{
	struct memory_range *last = info->ranges + info->nr_ranges;

	if (info->nr_ranges && last[-1].type == type && last[-1].base + last[-1].bytes == base) {
		last[-1].bytes += bytes;
		return 0;
	}
	if (info->nr_ranges == BOOT_MAX_RANGES)
		return -ENOSPC;
	*last = (struct memory_range){ base, bytes, type };
	info->nr_ranges++;
	return 0;
}

int boot_map_resolve(struct boot_info *info)
{
	struct memory_range ranges[BOOT_MAX_RANGES];
	size_t n = info->nr_ranges;
	int error = 0;

	for (size_t i = 0; i < n; i++)
		ranges[i] = info->ranges[i];
	info->nr_ranges = 0;
	for (u64 at = 0, until; at < PHYSICAL_LIMIT && !error; at = until) {
		unsigned type = worst_type_at(ranges, n, at, &until);

		if (type)
			error = append(info, at, until - at, type);
	}
	return error;
}

int boot_map_add(struct boot_info *info, u64 base, u64 bytes, u32 type)
{
	if (base >= PHYSICAL_LIMIT || !bytes)
		return 0;
	if (bytes > PHYSICAL_LIMIT - base)
		bytes = PHYSICAL_LIMIT - base;
	if (type < MEMORY_USABLE || type > MEMORY_BAD)
		type = MEMORY_RESERVED;
	if (info->nr_ranges == BOOT_MAX_RANGES && boot_map_resolve(info))
		return -ENOSPC;
	if (info->nr_ranges == BOOT_MAX_RANGES)
		return -ENOSPC;
	info->ranges[info->nr_ranges++] = (struct memory_range){ base, bytes, type };
	return 0;
}

int boot_map_full(char *error, size_t error_bytes)
{
	format(error, error_bytes, "the memory map has more than %u ranges", BOOT_MAX_RANGES);
	return -ENOSPC;
}

int boot_map_finish(struct boot_info *info, char *error, size_t error_bytes)
{
	if (boot_map_resolve(info))
		return boot_map_full(error, error_bytes);
	for (size_t i = 0; i < info->nr_ranges; i++)
		if (info->ranges[i].type == MEMORY_USABLE)
			return 0;
	format(error, error_bytes, "no memory map entry is usable memory");
	return -ENOENT;
}
