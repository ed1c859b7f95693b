/* SPDX-License-Identifier: MIT */
/* Pieces of mm/ that call one another. */
#pragma once

#include <quench/types.h>

/* Physical address of the kernel's own PML4; 0 before arch_mm_init. */
paddr_t x86_kernel_root(void);
