/* SPDX-License-Identifier: MIT */
/* No names yet: the first link takes this, tools/build/symbol-table reads its result. */
#include <kernel/lib/symbols.h>

#define TABLE __attribute__((section(".symbols")))
const struct symbol symbol_table[1] TABLE = { { 0, 0 } };
const u32 symbol_count TABLE = 0;
const char symbol_names[1] TABLE = "";
