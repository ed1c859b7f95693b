/* SPDX-License-Identifier: MIT */
/*
 * Which pages of the firmware's memory map can be used: ranges in any order, of any alignment,
 * overlapping; what any range calls unusable is so. PURE.
 */
#pragma once

#include <quench/boot_info.h>

struct memory_stretch {
	paddr_t start, end; /* page-aligned, start < end */
};

/*
 * The first whole pages at or above `from` and below `limit` that are usable RAM and in none of
 * the `holes`. False when there are no more.
 */
bool memory_map_next(const struct memory_range *ranges, size_t nr_ranges,
		     const struct memory_stretch *holes, size_t nr_holes, paddr_t from,
		     paddr_t limit, struct memory_stretch *out);
