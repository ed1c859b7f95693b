/* SPDX-License-Identifier: MIT */
/* What a page fault means. PURE. */
#include <arch/pagetable.h>
#include <kernel/mm/fault.h>

enum fault_verdict fault_judge(const struct fault_facts *facts)
{
	bool lower_half = !(facts->address >> 63);

	if (facts->error & FAULT_RESERVED)
		return FAULT_BUG_RESERVED;
	if (facts->from_user) {
		/* A program's iretq may read a descriptor with supervisor rights, error bit 2
		 * clear: the page is there and mending it would never end. */
		if (facts->address >= ARCH_USER_LIMIT || !(facts->error & FAULT_USER))
			return FAULT_SIGNAL;
		return FAULT_MEND_OR_SIGNAL;
	}
	if (facts->error & FAULT_FETCH)
		return FAULT_BUG_FETCH;
	if (lower_half && facts->smap && !facts->ac)
		return FAULT_BUG_AC;
	if (!facts->covered)
		return FAULT_BUG_UNCOVERED;
	return lower_half && facts->has_aspace ? FAULT_MEND_OR_FIXUP : FAULT_FIXUP;
}

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
