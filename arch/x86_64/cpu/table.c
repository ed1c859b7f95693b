/* SPDX-License-Identifier: MIT */
/* Looking into a table of CPUID rows. PURE. */
#include <x86/cpuid_table.h>

const struct cpuid_row *cpuid_find(const struct cpuid_row *rows, size_t n, u32 leaf, u32 subleaf)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].leaf == leaf && rows[i].subleaf == subleaf)
			return &rows[i];
	return NULL;
}

const struct cpuid_row *cpuid_valid(const struct cpuid_row *rows, size_t n, u32 leaf, u32 subleaf)
{
	const struct cpuid_row *top = cpuid_find(rows, n, leaf & 0xffff0000, 0);

	/* A range that does not exist answers with anything; its maximum lies outside of it. */
	if (!top || (top->eax & 0xffff0000) != (leaf & 0xffff0000) || leaf > top->eax)
		return NULL;
	if (leaf == 7 && subleaf) {
		const struct cpuid_row *seven = cpuid_find(rows, n, 7, 0);

		if (!seven || subleaf > seven->eax)
			return NULL;
	}
	return cpuid_find(rows, n, leaf, subleaf);
}
