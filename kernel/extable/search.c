/* SPDX-License-Identifier: MIT */
/* Binary search in the sorted exception table, without a branch to mispredict. PURE. */
#include <kernel/extable/resolve.h>

const struct extable_entry *extable_search(const struct extable_entry *table, size_t n, u64 address)
{
	if (!n)
		return NULL;
	while (n > 1) {
		size_t half = n / 2;

		/* A number, not a choice: compilers make a conditional move of it. */
		table += (extable_insn_of(&table[half]) <= address) * half;
		n -= half;
	}
	return extable_insn_of(table) == address ? table : NULL;
}
