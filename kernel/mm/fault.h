/* SPDX-License-Identifier: MIT */
/* What a page fault means, judged from its bare facts. PURE. */
#pragma once

#include <arch/pagetable.h>
#include <quench/types.h>

/* Error code bits. SDM volume 3, "Interrupt 14—Page-Fault Exception (#PF)". */
enum {
	FAULT_PRESENT = 1,
	FAULT_WRITE = 2,
	FAULT_USER = 4,
	FAULT_RESERVED = 8,
	FAULT_FETCH = 16,
};

struct fault_facts {
	vaddr_t address;
	u64 error;
	bool from_user;  /* the saved CS says so: error bit 2 may differ on implicit accesses */
	bool smap, ac;   /* CR4.SMAP, and RFLAGS.AC as it was */
	bool covered;    /* the exception table has the instruction */
	bool has_aspace; /* a program's memory is active */
};

enum fault_verdict {
	FAULT_MEND_OR_SIGNAL, /* a program's access: demand page, else it dies */
	FAULT_SIGNAL,         /* a program's access that nothing can mend */
	FAULT_MEND_OR_FIXUP,  /* the kernel's covered access to a user address */
	FAULT_FIXUP,          /* the kernel's covered access to its own address */
	/* The kernel's own bugs: never mended, never fixed up. */
	FAULT_BUG_RESERVED,  /* reserved bit in a page table */
	FAULT_BUG_FETCH,     /* ran what is no kernel text */
	FAULT_BUG_AC,        /* touched a user address outside stac..clac */
	FAULT_BUG_UNCOVERED, /* an access nobody expects to fail */
};

/* Inline: most faults know half of the facts when they are compiled. */
static inline enum fault_verdict fault_judge(const struct fault_facts *facts)
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

/* A few words on it. */
const char *fault_text(enum fault_verdict verdict);
