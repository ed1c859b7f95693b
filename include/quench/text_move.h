/* SPDX-License-Identifier: MIT */
/*
 * What patching did to a stretch of code, as plain data: alternatives write it, the exception
 * table is resolved with it, neither knows the other. PURE.
 */
#pragma once

#include <quench/types.h>

/* Code from [from, from+bytes) now stands at `to`; to == 0: it no longer exists anywhere. A table
 * of these is sorted by `from` and free of overlaps; code in no stretch stayed where it is. */
struct text_move {
	u64 from;
	u64 to;
	u32 bytes;
	u32 reserved;
};
