/* SPDX-License-Identifier: MIT */
/* The four memory functions the compiler may call, and all that PURE code may need from outside.
 * In the kernel they are arch/x86_64/uaccess/memory.asm, on the host the C library's. */
#pragma once

#include <quench/types.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);

/* A freestanding compiler takes a function of such a name for any function. By these it knows what
 * is meant, and puts a few moves in place of a short copy. */
#ifndef QUENCH_HOST
#define memcpy(to, from, n)  __builtin_memcpy(to, from, n)
#define memmove(to, from, n) __builtin_memmove(to, from, n)
#define memset(to, byte, n)  __builtin_memset(to, byte, n)
#define memcmp(a, b, n)      __builtin_memcmp(a, b, n)
#endif
