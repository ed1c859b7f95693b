/* SPDX-License-Identifier: MIT */
/*
 * Page-table entries as plain numbers. PURE. SDM volume 3, "4-Level Paging and 5-Level Paging",
 * tables "Format of a Page-Table Entry that Maps a 4-KByte Page" and its neighbours.
 */
#pragma once

#include <arch/pagetable.h>

#define PTE_PRESENT      UINT64_C(0x1)
#define PTE_WRITE        UINT64_C(0x2)
#define PTE_USER         UINT64_C(0x4)
#define PTE_UNCACHED     UINT64_C(0x18) /* PWT and PCD: memory type UC of the reset PAT */
#define PTE_ACCESSED     UINT64_C(0x20)
#define PTE_DIRTY        UINT64_C(0x40)
#define PTE_LARGE        UINT64_C(0x80)
#define PTE_GLOBAL       UINT64_C(0x100)
#define PTE_HIDDEN       UINT64_C(0x200) /* ours: not present, yet holds a page (no access at all) */
#define PTE_NX           UINT64_C(0x8000000000000000)
#define PTE_FRAME        UINT64_C(0x000ffffffffff000)

#define PTE_ENTRIES      512
#define PTE_LARGE_BYTES  MIB(2)
#define PTE_KERNEL_FIRST 256 /* of a PML4: the first entry of the kernel half */

/* Index of `address` in a table of `level`: 4 is the PML4, 1 the page table. */
static inline unsigned pte_index(vaddr_t address, unsigned level)
{
	return address >> (PAGE_SHIFT + 9 * (level - 1)) & (PTE_ENTRIES - 1);
}

/* Bytes one entry of a table of `level` covers. */
static inline u64 pte_span(unsigned level)
{
	return PAGE_BYTES << (9 * (level - 1));
}

/* The canonical address with bit 47 spread upwards. */
static inline vaddr_t pte_canonical(u64 address)
{
	return (address & UINT64_C(0x0000800000000000)) ? address | UINT64_C(0xffff000000000000)
							: address;
}

/*
 * The entry of a user page. Without any of read, write, execute it is not present: the page
 * stays noted, its address inverted so that a stale translation (SDM volume 3 has none, but
 * L1TF: "Affected processors may forward from a not-present entry") points at no memory.
 * `nx` is PTE_NX, or 0 where the processor lacks it.
 */
static inline u64 pte_user(paddr_t page, unsigned prot, u64 nx)
{
	if (!(prot & (ARCH_READ | ARCH_WRITE | ARCH_EXEC)))
		return ((page & PTE_FRAME) ^ PTE_FRAME) | PTE_HIDDEN;
	return (page & PTE_FRAME) | PTE_PRESENT | PTE_USER | (prot & ARCH_WRITE ? PTE_WRITE : 0) |
	       (prot & ARCH_EXEC ? 0 : nx);
}

/* Whether the entry holds a page, accessible or not; and which. */
static inline bool pte_holds_page(u64 entry)
{
	return entry & (PTE_PRESENT | PTE_HIDDEN);
}

static inline paddr_t pte_page(u64 entry)
{
	return entry & PTE_PRESENT ? entry & PTE_FRAME : (entry & PTE_FRAME) ^ PTE_FRAME;
}

/* The rights of enum arch_prot the entry gives; `entry` may be the AND of W and U, OR of NX. */
static inline unsigned pte_prot(u64 entry)
{
	if (!(entry & PTE_PRESENT))
		return 0;
	return ARCH_READ | (entry & PTE_WRITE ? ARCH_WRITE : 0) | (entry & PTE_NX ? 0 : ARCH_EXEC) |
	       (entry & PTE_USER ? ARCH_USER : 0);
}
