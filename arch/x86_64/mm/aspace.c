/* SPDX-License-Identifier: MIT */
/* Address spaces of programs: a user half of their own, the kernel half shared. */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <quench/string.h>
#include <quench/upcalls.h>
#include <x86/machine.h>
#include <x86/mm.h>
#include <x86/pte.h>
#include <x86/registers.h>
#include <x86/smp.h>

/* Upper entries allow everything; the last level decides. */
#define TABLE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_USER)

static u64 *table_of(u64 entry)
{
	return arch_direct_map(entry & PTE_FRAME);
}

/* The last-level entry of a user address; NULL when a table on the way is absent. */
static u64 *find_entry(const struct arch_aspace *aspace, vaddr_t address)
{
	u64 *table = arch_direct_map(aspace->root);

	if (address >= ARCH_USER_LIMIT)
		return NULL;
	for (unsigned level = 4; level > 1; level--) {
		u64 entry = table[pte_index(address, level)];

		if (!(entry & PTE_PRESENT))
			return NULL;
		table = table_of(entry);
	}
	return table + pte_index(address, 1);
}

/* The same, and absent tables are made; NULL when memory is out. */
static u64 *make_entry(const struct arch_aspace *aspace, vaddr_t address)
{
	u64 *table = arch_direct_map(aspace->root);

	for (unsigned level = 4; level > 1; level--) {
		u64 *slot = table + pte_index(address, level);

		if (!(*slot & PTE_PRESENT)) {
			paddr_t page = kernel_table_page_alloc();

			if (!page)
				return NULL;
			*slot = page | TABLE_FLAGS;
		}
		table = table_of(*slot);
	}
	return table + pte_index(address, 1);
}

int arch_aspace_create(struct arch_aspace *aspace)
{
	const u64 *kernel = arch_direct_map(x86_kernel_root());
	u64 *table;

	cpumask_zero(&aspace->cpus);
	aspace->root = kernel_table_page_alloc();
	if (!aspace->root)
		return -ENOMEM;
	table = arch_direct_map(aspace->root);
	memcpy(table + PTE_KERNEL_FIRST, kernel + PTE_KERNEL_FIRST,
	       (PTE_ENTRIES - PTE_KERNEL_FIRST) * sizeof(*table));
	return 0;
}

/* Frees the tables below the first `n` entries of a table of `level`, and the table. */
static void free_tables(paddr_t table, unsigned level, unsigned n)
{
	const u64 *entries = arch_direct_map(table);

	for (unsigned i = 0; level > 1 && i < n; i++)
		if (entries[i] & PTE_PRESENT)
			free_tables(entries[i] & PTE_FRAME, level - 1, PTE_ENTRIES);
	kernel_table_page_free(table);
}

void arch_aspace_destroy(struct arch_aspace *aspace)
{
	x86_aspace_leave(aspace);
	free_tables(aspace->root, 4, PTE_KERNEL_FIRST);
	aspace->root = 0;
}

int arch_map(struct arch_aspace *aspace, vaddr_t address, paddr_t page, unsigned prot)
{
	u64 *entry = address < ARCH_USER_LIMIT ? make_entry(aspace, address) : NULL;

	if (!entry)
		return -ENOMEM;
	WRITE_ONCE(*entry, pte_user(page, prot, x86_nx()));
	x86_flush_page(address);
	return 0;
}

paddr_t arch_unmap(struct arch_aspace *aspace, vaddr_t address)
{
	u64 *entry = find_entry(aspace, address);
	paddr_t page;

	if (!entry || !pte_holds_page(*entry))
		return 0;
	page = pte_page(*entry);
	WRITE_ONCE(*entry, 0);
	x86_flush_page(address);
	return page;
}

bool arch_protect(struct arch_aspace *aspace, vaddr_t address, unsigned prot)
{
	u64 *entry = find_entry(aspace, address);

	if (!entry || !pte_holds_page(*entry))
		return false;
	WRITE_ONCE(*entry, pte_user(pte_page(*entry), prot, x86_nx()));
	x86_flush_page(address);
	return true;
}

paddr_t arch_translate(const struct arch_aspace *aspace, vaddr_t address, unsigned *prot)
{
	const u64 *entry = find_entry(aspace, address);

	if (!entry || !pte_holds_page(*entry))
		return 0;
	if (prot)
		*prot = pte_prot(*entry);
	return pte_page(*entry);
}

/* Whether a page is mapped at `address`; *step is how far the same answer holds. */
static bool held_at(const struct arch_aspace *aspace, vaddr_t address, u64 *step)
{
	const u64 *table = arch_direct_map(aspace->root);

	for (unsigned level = 4;; level--) {
		u64 entry = table[pte_index(address, level)];

		*step = pte_span(level);
		if (level == 1)
			return pte_holds_page(entry);
		if (!(entry & PTE_PRESENT))
			return false;
		table = table_of(entry);
	}
}

vaddr_t arch_next_mapped(const struct arch_aspace *aspace, vaddr_t address, vaddr_t end)
{
	u64 step;

	address = ALIGN_UP(address, PAGE_BYTES);
	if (end > ARCH_USER_LIMIT)
		end = ARCH_USER_LIMIT;
	while (address < end && !held_at(aspace, address, &step))
		address = ALIGN_DOWN(address, step) + step;
	return address < end ? address : end;
}
