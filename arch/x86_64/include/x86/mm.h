/* SPDX-License-Identifier: MIT */
/* Pieces of mm/ that call one another, and the kernel half's small places (docs/memory-map.md). */
#pragma once

#include <quench/types.h>

/* The block, stacks and tables of each processor but the first, with unmapped pages between. */
#define X86_CPU_AREAS      UINT64_C(0xffffffffc0000000)
#define X86_CPU_AREA_BYTES MIB(2)
/* The local APIC's registers. */
#define X86_APIC_PAGE UINT64_C(0xfffffffff0000000)

/* Physical address of the kernel's own PML4; 0 before arch_mm_init. */
paddr_t x86_kernel_root(void);

/* PTE_NX, or 0 where EFER.NXE is off: known from arch_mm_init on. */
extern u64 x86_nx_bit;

/* Maps a page of registers, RW- and uncached; once for each address. 0 or -ENOMEM. After
 * arch_mm_init. */
int x86_map_device(vaddr_t address, paddr_t page);
/* Maps fresh zeroed pages at [address, address+bytes), RW-. 0 or -ENOMEM. */
int x86_map_fresh(vaddr_t address, u64 bytes);
/* Makes one of them read-only, on this processor at once. */
void x86_map_read_only(vaddr_t address);
