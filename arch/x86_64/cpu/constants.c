/* SPDX-License-Identifier: MIT */
/* The values of the runtime constants. PURE. */
#include <arch/pagetable.h>
#include <x86/cpu_policy.h>

/* Added to a length, it carries from the threshold on. 0, the value before patching, never does. */
static u64 minus(u32 threshold)
{
	return -(u64)threshold;
}

void cpu_constants(const struct copy_choice *choice, u64 constants[NR_ALT_CONSTANTS])
{
	constants[ALT_CONSTANT_USER_LIMIT] = ARCH_USER_LIMIT;
	constants[ALT_CONSTANT_USER_LIMIT_SHORT] = ARCH_USER_LIMIT - PAGE_BYTES;
	constants[ALT_CONSTANT_COPY_REP_FROM] = minus(choice->thresholds.copy_rep);
	constants[ALT_CONSTANT_COPY_STREAM_FROM] = minus(choice->thresholds.copy_stream);
	constants[ALT_CONSTANT_CLEAR_REP_FROM] = minus(choice->thresholds.clear_rep);
}
