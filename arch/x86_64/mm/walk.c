/* SPDX-License-Identifier: MIT */
/* Walking page tables as the processor does, for those who want to know or change every leaf. */
#include <arch/pagetable.h>
#include <x86/machine.h>
#include <x86/pte.h>
#include <x86/registers.h>

struct walk {
	x86_visit_fn visit;
	void *context;
};

/* Rights above and in the entry together: W and U must be in all levels, NX in any. */
static u64 combine(u64 above, u64 entry)
{
	return (above & entry & (PTE_PRESENT | PTE_WRITE | PTE_USER)) | ((above | entry) & PTE_NX);
}

static void walk_entry(const struct walk *walk, u64 *entry, vaddr_t base, unsigned level, u64 above)
{
	u64 rights = combine(above, *entry), *table;

	if (!(*entry & PTE_PRESENT))
		return;
	if (level == 1 || (level < 4 && *entry & PTE_LARGE)) {
		walk->visit(walk->context, pte_canonical(base), entry, pte_prot(rights));
		return;
	}
	table = arch_direct_map(*entry & PTE_FRAME);
	for (u64 i = 0; i < PTE_ENTRIES; i++)
		walk_entry(walk, table + i, base + i * pte_span(level - 1), level - 1, rights);
}

void x86_walk(paddr_t root, unsigned first, unsigned last, x86_visit_fn visit, void *context)
{
	const struct walk walk = { visit, context };
	u64 *table = arch_direct_map(root);

	for (u64 i = first; i <= last; i++)
		walk_entry(&walk, table + i, i * pte_span(4), 4,
			   PTE_PRESENT | PTE_WRITE | PTE_USER);
}

bool x86_is_mapped(vaddr_t address)
{
	const u64 *table = arch_direct_map(x86_read_cr3() & PTE_FRAME);

	for (unsigned level = 4;; level--) {
		u64 entry = table[pte_index(address, level)];

		if (!(entry & PTE_PRESENT))
			return false;
		if (level == 1 || (level < 4 && entry & PTE_LARGE))
			return true;
		table = arch_direct_map(entry & PTE_FRAME);
	}
}

struct wx_count {
	struct arch_mapping_fault *first;
	size_t pages, faults;
};

static void count_wx(void *context, vaddr_t address, u64 *entry, unsigned prot)
{
	struct wx_count *count = context;
	bool bad = (prot & ARCH_WRITE && prot & ARCH_EXEC) ||
		   (prot & ARCH_USER && address >= ARCH_DIRECT_MAP);

	count->pages++;
	if (!bad)
		return;
	if (!count->faults && count->first)
		*count->first = (struct arch_mapping_fault){ address, prot };
	count->faults++;
}

size_t arch_walk_wx(struct arch_mapping_fault *fault, size_t *pages_walked)
{
	struct wx_count count = { .first = fault };

	x86_walk(x86_read_cr3() & PTE_FRAME, 0, PTE_ENTRIES - 1, count_wx, &count);
	if (pages_walked)
		*pages_walked = count.pages;
	return count.faults;
}
