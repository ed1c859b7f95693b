/* SPDX-License-Identifier: MIT */
/* Names of the kernel's functions, for panics and reports. */
#include <arch/pagetable.h>
#include <kernel/lib/symbols.h>
#include <quench/format.h>

extern const char __start_text[], __stop_text[];

/* The last symbol at or below `offset`. */
static const struct symbol *find(u32 offset)
{
	size_t low = 0, high = symbol_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbol_table[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &symbol_table[low - 1] : NULL;
}

void symbol_format(char *out, size_t size, u64 address)
{
	const struct symbol *symbol = NULL;
	u32 offset = (u32)(address - ARCH_KERNEL_BASE);

	if (address >= (u64)__start_text && address < (u64)__stop_text)
		symbol = find(offset);
	if (symbol)
		format(out, size, "%s+0x%x", symbol_names + symbol->name, offset - symbol->offset);
	else
		format(out, size, "0x%lx", address);
}
