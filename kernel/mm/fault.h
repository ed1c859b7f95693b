/* SPDX-License-Identifier: MIT */
/* What a page fault means, judged from its bare facts. PURE. */
#pragma once

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

enum fault_verdict fault_judge(const struct fault_facts *facts);
/* A few words on it. */
const char *fault_text(enum fault_verdict verdict);
