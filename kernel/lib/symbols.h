/* SPDX-License-Identifier: MIT */
/* Names of the kernel's functions, for panics and reports. Any context. */
#pragma once

#include <quench/types.h>

/* The table tools/build/symbol-table makes of the linked kernel, sorted by address. */
struct symbol {
	u32 offset; /* of the function from ARCH_KERNEL_BASE, bytes */
	u32 name;   /* its place in symbol_names */
};
extern const struct symbol symbol_table[];
extern const u32 symbol_count;
extern const char symbol_names[];

/* Writes "name+0x12" for a text address, "0x…" for any other. */
void symbol_format(char *out, size_t size, u64 address);
#define SYMBOL_TEXT_BYTES 96
