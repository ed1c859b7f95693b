/* SPDX-License-Identifier: MIT */
/* What a page fault means, in words. PURE. */
#include <kernel/mm/fault.h>

const char *fault_text(enum fault_verdict verdict)
{
	static const char *const texts[] = {
		[FAULT_MEND_OR_SIGNAL] = "access by a program",
		[FAULT_SIGNAL] = "access by a program to what is not its own",
		[FAULT_MEND_OR_FIXUP] = "user access",
		[FAULT_FIXUP] = "covered access",
		[FAULT_BUG_RESERVED] = "a page table has a reserved bit set",
		[FAULT_BUG_FETCH] = "the kernel jumped to where no kernel code is",
		[FAULT_BUG_AC] = "the kernel touched a user address with AC clear",
		[FAULT_BUG_UNCOVERED] = "the kernel touched an address it may not",
	};

	return texts[verdict];
}
