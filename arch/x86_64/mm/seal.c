/* SPDX-License-Identifier: MIT */
/* The page tables' part of the seal: what was written only during boot becomes read-only. */
#include <arch/alternative.h>
#include <arch/pagetable.h>
#include <quench/compiler.h>
#include <x86/machine.h>
#include <x86/mm.h>
#include <x86/pte.h>
#include <x86/registers.h>

extern const u8 __start_ro_after_init[], __stop_ro_after_init[];

/*
 * Patching wrote to text through CR0.WP=0, which left Dirty bits in read-only entries; a
 * processor with shadow stacks would take such pages for one. SDM volume 3, "Shadow-Stack Pages".
 */
static void seal_leaf(void *context, vaddr_t address, u64 *entry, unsigned prot)
{
	if (address >= (vaddr_t)__start_ro_after_init && address < (vaddr_t)__stop_ro_after_init)
		*entry &= ~PTE_WRITE;
	if (!(*entry & PTE_WRITE))
		*entry &= ~PTE_DIRTY;
}

/* Global translations survive a load of CR3, but not a change of CR4.PGE. SDM volume 3,
 * "Operations that Invalidate TLBs and Paging-Structure Caches". */
static __used void flush_by_cr4(void)
{
	u64 cr4 = x86_read_cr4();

	if (!(cr4 & CR4_PGE)) { /* never set a bit the processor may lack */
		x86_write_cr3(x86_read_cr3());
		return;
	}
	x86_write_cr4(cr4 & ~CR4_PGE);
	x86_write_cr4(cr4);
}

/* Type 2: everything of every context, global or not; the descriptor says no more. SDM volume 2,
 * "INVPCID—Invalidate Process-Context Identifier". */
static __used void flush_by_invpcid(void)
{
	static const u64 descriptor[2];

	__asm__ volatile("invpcid %0, %1" ::"m"(descriptor), "r"(UINT64_C(2)) : "memory");
}

/* Before alternatives have been applied, by CR4. */
void x86_flush_all(void)
{
	alternative_call(flush_by_cr4, FEATURE_INVPCID, flush_by_invpcid, ALT_OUT(), ALT_IN(),
			 ALT_CALL_CLOBBERS);
}

void arch_seal_mappings(void)
{
	x86_walk(x86_kernel_root(), PTE_KERNEL_FIRST, PTE_ENTRIES - 1, seal_leaf, NULL);
	x86_flush_all();
}
