/* SPDX-License-Identifier: MIT */
/* The user-copy variants by symbol, as uaccess/ defines them in NASM. For the tables alone:
 * whoever copies calls <arch/uaccess.h>. */
#pragma once

#include <quench/types.h>

size_t copy_user_reference(void *to, const void *from, size_t n);
size_t copy_user_aligned(void *to, const void *from, size_t n);
size_t copy_user_unaligned(void *to, const void *from, size_t n);
size_t copy_user_movsq(void *to, const void *from, size_t n);
size_t copy_user_erms(void *to, const void *from, size_t n);
size_t copy_user_fsrm(void *to, const void *from, size_t n);
size_t copy_user_guarded(void *to, const void *from, size_t n);
size_t copy_user_overlap(void *to, const void *from, size_t n);
size_t copy_user_sse(void *to, const void *from, size_t n);
size_t copy_user_streaming(void *to, const void *from, size_t n);
/* Where AVX512BW and BMI2 are judged present. */
size_t copy_user_masked(void *to, const void *from, size_t n);

size_t clear_user_reference(void *to, size_t n);
size_t clear_user_unaligned(void *to, size_t n);
size_t clear_user_stosq(void *to, size_t n);
size_t clear_user_stosb(void *to, size_t n);
size_t clear_user_erms(void *to, size_t n);
/* As copy_user_masked. */
size_t clear_user_masked(void *to, size_t n);
