/* SPDX-License-Identifier: MIT */
/* The four memory functions the compiler may call, and all that PURE code may need from outside.
 * In the kernel they are arch/x86_64/uaccess/memory.asm, on the host the C library's. */
#pragma once

#include <quench/types.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
