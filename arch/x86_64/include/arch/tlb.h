/* SPDX-License-Identifier: MIT */
/*
 * Translations on other processors. struct arch_aspace holds the set of processors that may
 * have some of it: arch_aspace_activate puts this one in. A processor that goes idle, or runs
 * a kernel thread, keeps the address space loaded ("lazy") and leaves it with the first shootdown.
 */
#pragma once

#include <arch/pagetable.h>
#include <quench/types.h>

/*
 * No processor uses translations of [start, end) of `aspace`, or page-table pages taken out of
 * it, after the return; user addresses. The page tables have already been changed. The caller
 * frees the pages afterwards. Interrupts must be ON (or alone on the machine), no spin lock held
 * that interrupt handlers take; preemption may be disabled. Long ranges flush everything.
 */
void arch_tlb_flush(struct arch_aspace *aspace, vaddr_t start, vaddr_t end);
