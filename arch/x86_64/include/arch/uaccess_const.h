/* SPDX-License-Identifier: MIT */
/*
 * Copies of a size known at compile time, 1, 2, 4 and 8 to 64 bytes, as straight-line code in place
 * of the call. <arch/uaccess.h> alone includes this; it makes copy_from_user and copy_to_user of
 * such a size these two. On a fault, and for the last 256 bytes below the user limit, the general
 * routine does it all again, to the byte.
 *
 * In the window there is nothing but the accesses to user memory, each with its entry; altcheck
 * holds every function to that in which this ends up.
 */
#pragma once

#include <arch/alternative.h>
#include <arch/extable.h>
#include <quench/types.h>

#define UACCESS_CONST_SIZE(n) \
	(__builtin_constant_p(n) && ((n) == 1 || (n) == 2 || (n) == 4 || ((n) >= 8 && (n) <= 64)))

/* rax = the user pointer or, for a processor that speculates past the branch, an address that is a
 * program's anyway. */
#define UACCESS_CHECK               \
	"mov %[user], %%rax\n\t"    \
	"cmp %[limit], %%rax\n\t"   \
	"cmova %[limit], %%rax\n\t" \
	"ja %l[general]\n"
#define UACCESS_OPEN  ALT_ASM("", "stac")
#define UACCESS_CLOSE ALT_ASM("", "clac")
/* The end, and where faults go. */
#define UACCESS_END                                \
	"jmp 2f\n"                                 \
	"1:\n" UACCESS_CLOSE "\tjmp %l[general]\n" \
	"2:\n"

/* One move between a register and user memory, in the window, or kernel memory. */
#define UACCESS_READ(move, at, reg)  "\t" ON_FAULT("1f") move " " at "(%%rax), %%" reg "\n"
#define UACCESS_WRITE(move, at, reg) "\t" ON_FAULT("1f") move " %%" reg ", " at "(%%rax)\n"
#define KERNEL_READ(move, at, reg)   "\t" move " " at "(%[kernel]), %%" reg "\n"
#define KERNEL_WRITE(move, at, reg)  "\t" move " %%" reg ", " at "(%[kernel])\n"

/* The last word, which may overlap the one before it. */
#define UACCESS_READ_LAST  "\t" ON_FAULT("1f") "movq (%%rax,%[last]), %%r11\n"
#define UACCESS_WRITE_LAST "\t" ON_FAULT("1f") "movq %%r11, (%%rax,%[last])\n"
#define KERNEL_READ_LAST   "\tmovq (%[kernel],%[last]), %%r11\n"
#define KERNEL_WRITE_LAST  "\tmovq %%r11, (%[kernel],%[last])\n"

/* So many words before the last. */
#define UACCESS_WORDS_0(move)
#define UACCESS_WORDS_1(move) move("movq", "0", "r8")
#define UACCESS_WORDS_2(move) UACCESS_WORDS_1(move) move("movq", "8", "r9")
#define UACCESS_WORDS_3(move) UACCESS_WORDS_2(move) move("movq", "16", "r10")
#define UACCESS_WORDS_4(move) UACCESS_WORDS_3(move) move("movq", "24", "rcx")
#define UACCESS_WORDS_5(move) UACCESS_WORDS_4(move) move("movq", "32", "rdx")
#define UACCESS_WORDS_6(move) UACCESS_WORDS_5(move) move("movq", "40", "rsi")
#define UACCESS_WORDS_7(move) UACCESS_WORDS_6(move) move("movq", "48", "rdi")

#define UACCESS_CLOBBERS_3    "r8", "r9", "r10"
#define UACCESS_CLOBBERS_7    UACCESS_CLOBBERS_3, "rcx", "rdx", "rsi", "rdi"

/* From the names user, limit, kernel and n of the function around it; to its label general. */
#ifdef __CPPCHECK__ /* which takes no asm goto */
#define UACCESS_ASM(text, ...)        \
	do {                          \
		if (user > limit)     \
			goto general; \
	} while (0)
#else
#define UACCESS_ASM(text, ...)                                                         \
	__asm__ goto(text                                                              \
		     : /* no outputs: all goes through pointers */                     \
		     : ALT_INPUTS(FEATURE_SMAP), [user] "r"(user), [limit] "r"(limit), \
		       [kernel] "r"(kernel), [last] "r"(n - 8)                         \
		     : "memory", "cc", "rax", "r11", __VA_ARGS__                       \
		     : general)
#endif
#define UACCESS_FROM_ONE(move, reg)                                                \
	UACCESS_ASM(UACCESS_CHECK UACCESS_OPEN UACCESS_READ(move, "", reg)         \
			    UACCESS_CLOSE KERNEL_WRITE(move, "", reg) UACCESS_END, \
		    "r8")
#define UACCESS_TO_ONE(move, reg)                                                                \
	UACCESS_ASM(UACCESS_CHECK KERNEL_READ(move, "", reg)                                     \
			    UACCESS_OPEN UACCESS_WRITE(move, "", reg) UACCESS_CLOSE UACCESS_END, \
		    "r8")
#define UACCESS_FROM(words, ...)                                                                \
	UACCESS_ASM(UACCESS_CHECK UACCESS_OPEN UACCESS_WORDS_##words(UACCESS_READ)              \
			    UACCESS_READ_LAST UACCESS_CLOSE UACCESS_WORDS_##words(KERNEL_WRITE) \
				    KERNEL_WRITE_LAST UACCESS_END,                              \
		    __VA_ARGS__)
#define UACCESS_TO(words, ...)                                                                 \
	UACCESS_ASM(UACCESS_CHECK UACCESS_WORDS_##words(KERNEL_READ)                           \
			    KERNEL_READ_LAST UACCESS_OPEN UACCESS_WORDS_##words(UACCESS_WRITE) \
				    UACCESS_WRITE_LAST UACCESS_CLOSE UACCESS_END,              \
		    __VA_ARGS__)

/* Both return 0, or what the general routine does. n as UACCESS_CONST_SIZE has it. */
static inline __attribute__((always_inline)) __must_check size_t
copy_from_user_const(void *to, const void __user *from, size_t n)
{
	const u64 limit = runtime_constant(USER_LIMIT_SHORT), user = (__force u64)from;
	void *const kernel = to;

	if (n == 1)
		UACCESS_FROM_ONE("movb", "r8b");
	else if (n == 2)
		UACCESS_FROM_ONE("movw", "r8w");
	else if (n == 4)
		UACCESS_FROM_ONE("movl", "r8d");
	else if (n <= 8)
		UACCESS_FROM(0, "r8");
	else if (n <= 16)
		UACCESS_FROM(1, "r8");
	else if (n <= 24)
		UACCESS_FROM(2, UACCESS_CLOBBERS_3);
	else if (n <= 32)
		UACCESS_FROM(3, UACCESS_CLOBBERS_3);
	else if (n <= 40)
		UACCESS_FROM(4, UACCESS_CLOBBERS_7);
	else if (n <= 48)
		UACCESS_FROM(5, UACCESS_CLOBBERS_7);
	else if (n <= 56)
		UACCESS_FROM(6, UACCESS_CLOBBERS_7);
	else
		UACCESS_FROM(7, UACCESS_CLOBBERS_7);
	return 0;
general:
	return copy_from_user(to, from, n);
}

static inline __attribute__((always_inline)) __must_check size_t
copy_to_user_const(void __user *to, const void *from, size_t n)
{
	const u64 limit = runtime_constant(USER_LIMIT_SHORT), user = (__force u64)to;
	const void *const kernel = from;

	if (n == 1)
		UACCESS_TO_ONE("movb", "r8b");
	else if (n == 2)
		UACCESS_TO_ONE("movw", "r8w");
	else if (n == 4)
		UACCESS_TO_ONE("movl", "r8d");
	else if (n <= 8)
		UACCESS_TO(0, "r8");
	else if (n <= 16)
		UACCESS_TO(1, "r8");
	else if (n <= 24)
		UACCESS_TO(2, UACCESS_CLOBBERS_3);
	else if (n <= 32)
		UACCESS_TO(3, UACCESS_CLOBBERS_3);
	else if (n <= 40)
		UACCESS_TO(4, UACCESS_CLOBBERS_7);
	else if (n <= 48)
		UACCESS_TO(5, UACCESS_CLOBBERS_7);
	else if (n <= 56)
		UACCESS_TO(6, UACCESS_CLOBBERS_7);
	else
		UACCESS_TO(7, UACCESS_CLOBBERS_7);
	return 0;
general:
	return copy_to_user(to, from, n);
}

/* Only calls are these: the functions themselves keep their names, addresses and symbols. */
#define copy_from_user(to, from, n) \
	(UACCESS_CONST_SIZE(n) ? copy_from_user_const(to, from, n) : (copy_from_user)(to, from, n))
#define copy_to_user(to, from, n) \
	(UACCESS_CONST_SIZE(n) ? copy_to_user_const(to, from, n) : (copy_to_user)(to, from, n))
