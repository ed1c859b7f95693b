/* SPDX-License-Identifier: MIT */
/* Code as people read it: Intel syntax by Zydis, addresses by name. */
#pragma once

#include "../altcheck/image.h"

/*
 * One instruction of the n bytes at `code`, which runs at `address`, as text. Returns its length;
 * 1, as data, for what is no instruction.
 */
size_t disassemble(const struct image *image, const u8 *code, size_t n, u64 address, char *out,
		   size_t size);
