/* SPDX-License-Identifier: MIT */
/*
 * What patching did to a stretch of code, as plain data: alternatives write it, the exception
 * table is resolved with it, neither knows the other. PURE.
 */
#pragma once

#include <quench/types.h>

/*
 * Code from [from, from+bytes) now stands at `to`; to == 0: it no longer exists anywhere. A table
 * of these is sorted by `from` and free of overlaps; code in no stretch stayed where it is.
 */
struct text_move {
	u64 from;
	u64 to;
	u64 entry; /* where who goes to `from` goes now: `to`, or where the code that took its place
		    * stands; 0: nobody may go there any more */
	u32 bytes;
	u32 unit; /* stretches of one unit belong together: a label at the end of one of them is
		   * meant to be theirs, although the next one begins there */
};
