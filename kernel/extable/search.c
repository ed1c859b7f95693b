/* SPDX-License-Identifier: MIT */
/* Binary search in the sorted exception table. PURE. */
#include <kernel/extable/resolve.h>

const struct extable_entry *extable_search(const struct extable_entry *table, size_t n, u64 address)
{
	while (n) {
		size_t middle = n / 2;
		u64 insn = extable_insn_of(&table[middle]);

		if (insn == address)
			return &table[middle];
		if (insn < address) {
			table += middle + 1;
			n -= middle + 1;
		} else {
			n = middle;
		}
	}
	return NULL;
}
