/* SPDX-License-Identifier: MIT */
/*
 * The page tables of a program as kernel/mm works on them: single entries, and ranges. Nothing
 * here flushes translations: the caller does, with arch_tlb_flush, before it gives a page or a
 * table away. Who may call what at the same time is the caller's to arrange, but for
 * arch_entry_make, which may run on several processors at once.
 */
#pragma once

#include <arch/pagetable.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* The last-level entry of a user address: NULL when there is no table for it; or with absent tables
 * made, NULL when memory is out. It stays where it is until arch_free_tables. */
u64 *arch_entry_find(const struct arch_aspace *aspace, vaddr_t address);
u64 *arch_entry_make(struct arch_aspace *aspace, vaddr_t address) __must_check;

/* Bits of an entry (x86/pte.h): it holds a page; one that can be seen; which. */
#define ARCH_ENTRY_HELD  UINT64_C(0x201)
#define ARCH_ENTRY_SEEN  UINT64_C(1)
#define ARCH_ENTRY_FRAME UINT64_C(0x000ffffffffff000)

/* The page an entry shows, accessible or not, 0: none. */
static inline paddr_t arch_entry_page(const u64 *entry)
{
	u64 value = READ_ONCE(*entry);

	if (!(value & ARCH_ENTRY_HELD))
		return 0;
	return (value & ARCH_ENTRY_SEEN ? value : ~value) & ARCH_ENTRY_FRAME;
}
/* Makes it show a page with rights of enum arch_prot (ARCH_USER implied; 0: no access at all, yet
 * the page stays noted); or nothing. */
void arch_entry_set(u64 *entry, paddr_t page, unsigned prot);
void arch_entry_clear(u64 *entry);

/* Called for each page or table a range gives up, after the entry has been cleared. */
typedef void (*arch_drop_fn)(void *context, paddr_t page);

/* Clears every entry of [start,end) that shows a page and hands the page to `drop`. */
void arch_unmap_range(struct arch_aspace *aspace, vaddr_t start, vaddr_t end, arch_drop_fn drop,
		      void *context);

/*
 * Takes out the tables that serve [start,end) and no address outside [floor,ceiling), where no
 * page is mapped any more; they are all zero, for kernel_table_page_free after the flush.
 */
void arch_free_tables(struct arch_aspace *aspace, vaddr_t start, vaddr_t end, vaddr_t floor,
		      vaddr_t ceiling, arch_drop_fn drop, void *context);

/* Gives every page of [start,end) these rights; writing only where it was allowed before (others
 * may share the page). True: somebody may now do less than before, so flush. */
bool arch_protect_range(struct arch_aspace *aspace, vaddr_t start, vaddr_t end, unsigned prot);

/* Shows the pages of [start,end) in `to` as well, calling share() for each, and takes the right to
 * write from both. The number of pages; *error becomes -ENOMEM when it could not go on. */
size_t arch_share_range(struct arch_aspace *from, struct arch_aspace *to, vaddr_t start,
			vaddr_t end, void (*share)(paddr_t page), int *error);

/* Moves the entries of [from, from+bytes) to the same distance from `to`, where none is. -ENOMEM
 * with a part moved. */
int arch_move_range(struct arch_aspace *aspace, vaddr_t from, vaddr_t to, u64 bytes);

/* A page's worth of zero bytes, and of another page's, through the direct map. */
void arch_page_clear(paddr_t page);
void arch_page_copy(paddr_t to, paddr_t from);
