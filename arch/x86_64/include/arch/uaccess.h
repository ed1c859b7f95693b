/* SPDX-License-Identifier: MIT */
/*
 * Copies between the kernel and the running program. All return at the byte that faults, leave
 * RFLAGS.AC and DF clear on every way out, and refuse a range that leaves [0, ARCH_USER_LIMIT)
 * without touching it and without a branch that speculation could get past. Process context.
 */
#pragma once

#include <arch/pagetable.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* Whether [start, start+n) lies below ARCH_USER_LIMIT: for a call that must refuse before it has
 * any effect, or with n = 0. Every routine below checks for itself. */
static inline bool user_range_ok(const void __user *start, size_t n)
{
	return n <= ARCH_USER_LIMIT && (__force uintptr_t)start <= ARCH_USER_LIMIT - n;
}

/*
 * Copy n bytes. Return the number of bytes NOT copied, exactly: with r returned, byte n-r is the
 * first that could not be read or written, all before it are in place, nothing outside
 * [0,n) was written. copy_from_user fills the r bytes at the end with zero; only a length above
 * ARCH_USER_LIMIT, which no buffer has, is refused with nothing written at all.
 */
size_t copy_from_user(void *to, const void __user *from, size_t n) __must_check;
size_t copy_to_user(void __user *to, const void *from, size_t n) __must_check;
/* Writes n zero bytes; returns the number not written. */
size_t clear_user(void __user *to, size_t n) __must_check;

/*
 * Copies a structure of `user_bytes` in the program into one of `bytes` here, either of which may
 * be from an older or a newer interface: what the program lacks is zero, what the kernel lacks must
 * be. 0; -EFAULT; -E2BIG when a byte the kernel has no place for is not zero.
 */
int copy_struct_from_user(void *to, size_t bytes, const void __user *from,
			  size_t user_bytes) __must_check;

/*
 * Copies a string with its NUL, at most n bytes. Returns its length without the NUL; n when there
 * is no NUL in n bytes (all n copied); -EFAULT when a byte before the NUL cannot be read, or the
 * string runs into ARCH_USER_LIMIT. Writes nothing after the NUL; after -EFAULT the buffer holds
 * what could be read. n = 0: 0, whatever `from` is.
 */
s64 strncpy_from_user(char *to, const char __user *from, size_t n) __must_check;
/* Length of the string with its NUL; n + 1 when there is no NUL in n bytes; 0 on a fault, or when
 * the string runs into ARCH_USER_LIMIT. */
size_t strnlen_user(const char __user *from, size_t n) __must_check;

/* One aligned or unaligned value of 1, 2, 4 or 8 bytes: 0 or -EFAULT; on a fault *value is 0. */
int get_user_8(u8 *value, const void __user *from) __must_check;
int get_user_16(u16 *value, const void __user *from) __must_check;
int get_user_32(u32 *value, const void __user *from) __must_check;
int get_user_64(u64 *value, const void __user *from) __must_check;
int put_user_8(u8 value, void __user *to) __must_check;
int put_user_16(u16 value, void __user *to) __must_check;
int put_user_32(u32 value, void __user *to) __must_check;
int put_user_64(u64 value, void __user *to) __must_check;

/* Compares the naturally aligned user word with *expected and, when equal, replaces it, in one
 * atomic step; *expected becomes what was there. 0, -EAGAIN when they differed; -EFAULT, or
 * -EINVAL for a word that is not aligned, and *expected is kept. */
int cmpxchg_user_32(u32 __user *word, u32 *expected, u32 desired) __must_check;
int cmpxchg_user_64(u64 __user *word, u64 *expected, u64 desired) __must_check;

/* Every variant under the one contract, by name, for the benchmark and the tests:
 * rax = fn(to, from, n), either pointer may be a user's, no range check. */
typedef size_t (*copy_user_fn)(void *to, const void *from, size_t n);
struct copy_variant {
	const char *name;  /* as in copy=NAME */
	int feature;       /* the FEATURE_COPY_* that selects it; -1: none, the default code */
	copy_user_fn copy; /* stac .. clac inside */
};
extern const struct copy_variant copy_variants[];
extern const size_t nr_copy_variants;

/* The same for clear_user, which the copy policy decides too: rax = fn(to, n) bytes not written. */
typedef size_t (*clear_user_fn)(void *to, size_t n);
struct clear_variant {
	const char *name;
	int feature; /* of the copy that needs the same instructions, for arch_copy_lacks; -1: none
		      */
	clear_user_fn clear;
};
extern const struct clear_variant clear_variants[];
extern const size_t nr_clear_variants;

#ifndef __CHECKER__ /* sparse knows no asm goto */
#include <arch/uaccess_const.h>
#endif
