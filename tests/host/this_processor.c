/* SPDX-License-Identifier: MIT */
/* What the processor the tests run on can do. */
#include "this_processor.h"

#include <x86/cpu_features.h>
#include <x86/cpuid_table.h>

static void ask(void *context, struct cpuid_row *row)
{
	__asm__ volatile("cpuid"
			 : "=a"(row->eax), "=b"(row->ebx), "=c"(row->ecx), "=d"(row->edx)
			 : "a"(row->leaf), "c"(row->subleaf));
}

/* SDM volume 1, "Detection of AVX Instructions": XGETBV may be used when OSXSAVE is set. */
static u64 enabled_states(void)
{
	struct cpuid_row row = { .leaf = 1 };
	u32 low, high;

	ask(NULL, &row);
	if (!(row.ecx >> 27 & 1))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (u64)high << 32 | low;
}

const struct feature_set *this_processor(void)
{
	static struct cpuid_row rows[CPUID_MAX_ROWS];
	static struct cpu_facts facts;
	static bool known;

	if (!known) {
		const struct cpu_controls controls = { .xcr0 = enabled_states() & CPU_XCR0_KERNEL };

		known = true;
		cpu_judge(rows, cpuid_walk(ask, NULL, rows, ARRAY_SIZE(rows)), &controls, &facts);
	}
	return &facts.judged;
}
