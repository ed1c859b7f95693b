/* SPDX-License-Identifier: MIT */
/*
 * Address spaces and mappings: 4-level paging (SDM volume 3, "4-Level Paging and 5-Level
 * Paging"). The layout is in docs/memory-map.md.
 */
#pragma once

#include <quench/boot_info.h>
#include <quench/cpumask.h>
#include <quench/types.h>

/* User addresses are 0 <= a < ARCH_USER_LIMIT: the last page below the non-canonical hole is
 * never mapped, so that no SYSCALL can stand right before it (CVE-2012-0217). */
#define ARCH_USER_LIMIT      UINT64_C(0x00007ffffffff000)
#define ARCH_DIRECT_MAP      UINT64_C(0xffff800000000000)
#define ARCH_DIRECT_MAP_MAX  GIB(512)
#define ARCH_KERNEL_BASE     UINT64_C(0xffffffff80000000)
#define ARCH_EARLY_MAP_BYTES GIB(4) /* of the direct map, there from the first table on */

enum arch_prot { ARCH_READ = 1, ARCH_WRITE = 2, ARCH_EXEC = 4, ARCH_USER = 8 };

struct arch_aspace {
	paddr_t root;        /* physical address of the PML4 */
	struct cpumask cpus; /* may hold translations of it (<arch/tlb.h>); changed atomically */
};

/* Where the direct map shows a physical address; valid for RAM of the memory map, and for the
 * first ARCH_EARLY_MAP_BYTES before arch_mm_init. */
static inline void *arch_direct_map(paddr_t address)
{
	return (void *)(ARCH_DIRECT_MAP + address);
}
static inline paddr_t arch_direct_map_address(const void *pointer)
{
	return (u64)pointer - ARCH_DIRECT_MAP;
}

/*
 * Builds the kernel's final tables — text R-X, rodata R--, data RW-, the direct map of all RAM
 * in the memory map RW- without any writable alias of text or rodata — with pages from
 * kernel_table_page_alloc, and switches to them. 0 or -ENOMEM. Boot context, once.
 */
int arch_mm_init(const struct boot_info *info);

/* Whether the kernel image itself takes [base, base+bytes) or part of it. */
void arch_kernel_image(paddr_t *base, u64 *bytes);

/* A new address space with the kernel half in place and an empty user half: 0 or -ENOMEM. */
int arch_aspace_create(struct arch_aspace *aspace);
/* The end of one whose user half is empty again: its tables went with arch_free_tables. */
void arch_aspace_destroy(struct arch_aspace *aspace);
/* Makes this CPU run in `aspace`. NULL: user memory is not needed; what was loaded may stay until
 * it is shot down. Interrupts off or preemption disabled. */
void arch_aspace_activate(struct arch_aspace *aspace);
/* The same with interrupts off, for the switch between tasks. */
void arch_aspace_switch(struct arch_aspace *aspace);

/* Takes write access from data marked __ro_after_init and strips Dirty bits from read-only
 * pages. Part of the seal. */
void arch_seal_mappings(void);

struct arch_mapping_fault {
	vaddr_t address;
	unsigned prot;
};
/* Walks every mapping of the running tables, kernel and user half, and counts those that are
 * writable and executable, or user-accessible in the kernel half; the first such in *fault. */
size_t arch_walk_wx(struct arch_mapping_fault *fault, size_t *pages_walked);
