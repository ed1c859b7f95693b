/* SPDX-License-Identifier: MIT */
/* Address spaces of programs: a user half of their own, the kernel half shared. */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <quench/upcalls.h>
#include <x86/mm.h>
#include <x86/pte.h>
#include <x86/smp.h>

/* All that the kernel half has in a PML4: the direct map, and the image with what is near it. */
#define DIRECT_MAP_ENTRY ((ARCH_DIRECT_MAP >> 39) & (PTE_ENTRIES - 1))
#define IMAGE_ENTRY      ((ARCH_KERNEL_BASE >> 39) & (PTE_ENTRIES - 1))
_Static_assert(ARCH_DIRECT_MAP_MAX <= UINT64_C(1) << 39, "the direct map has one entry");

int arch_aspace_create(struct arch_aspace *aspace)
{
	const u64 *kernel = arch_direct_map(x86_kernel_root());
	u64 *table;

	cpumask_zero(&aspace->cpus);
	aspace->root = kernel_table_page_alloc();
	if (!aspace->root)
		return -ENOMEM;
	table = arch_direct_map(aspace->root);
	table[DIRECT_MAP_ENTRY] = kernel[DIRECT_MAP_ENTRY];
	table[IMAGE_ENTRY] = kernel[IMAGE_ENTRY];
	return 0;
}

void arch_aspace_destroy(struct arch_aspace *aspace)
{
	u64 *table = arch_direct_map(aspace->root);

	x86_aspace_leave(aspace);
	table[DIRECT_MAP_ENTRY] = 0;
	table[IMAGE_ENTRY] = 0;
	kernel_table_page_free(aspace->root);
	aspace->root = 0;
}
