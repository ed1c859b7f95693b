/* SPDX-License-Identifier: MIT */
/* What the runtime constants are. PURE. */
#include <arch/pagetable.h>
#include <kernel/alternatives/plan.h>

void alt_constants(u64 values[NR_ALT_CONSTANTS])
{
	values[ALT_CONSTANT_USER_LIMIT] = ARCH_USER_LIMIT;
}
