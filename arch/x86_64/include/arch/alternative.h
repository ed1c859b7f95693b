/* SPDX-License-Identifier: MIT */
/*
 * Alternatives: code that is chosen by CPU feature at boot. The record both languages emit
 * (NASM: asm/alternative.inc), and C's notation. docs/alternatives.md shows both. PURE but for
 * the macros, which emit code and records.
 */
#pragma once

#include <arch/feature.h>
#include <quench/types.h>

/* How a record's terms combine. A record with no term is always true. */
enum alt_op { ALT_ALL_OF, ALT_ANY_OF };
/* What a record describes: replacement code, or an instruction whose immediate takes a runtime
 * constant (replacement_bytes 0, no condition). */
enum alt_kind { ALT_CODE, ALT_CONSTANT };

#define ALT_MAX_TERMS 4
#define ALT_MAX_DEPTH 4      /* of sites within sites */
#define ALT_NOT       0x8000 /* in a term: the feature must be absent */

/* The runtime constants, ALT_CONSTANT_USER_LIMIT and so on: values known at boot only. */
#define RUNTIME_CONSTANT(name, text) ALT_CONSTANT_##name,
#define ALT_CONSTANTS_HEADING(text)
enum alt_constant {
#include "../../asm/constants.def"
	NR_ALT_CONSTANTS
};
#undef RUNTIME_CONSTANT

/* The name as in constants.def ("USER_LIMIT"), or NULL when out of range. */
#define RUNTIME_CONSTANT(name, text) \
	case ALT_CONSTANT_##name:    \
		return #name;
static inline const char *alt_constant_name(unsigned constant)
{
	switch (constant) {
#include "../../asm/constants.def"
	}
	return NULL;
}
#undef RUNTIME_CONSTANT
#undef ALT_CONSTANTS_HEADING

/*
 * One version of one site. Records of a site stand together, in the order of the source; the
 * last whose condition holds wins; none: the default code stays. A site inside another site or
 * inside a replacement is nested: its records stand directly before those of the outer one.
 */
struct alt_entry {
	s32 site;        /* self-relative: &entry->site + site is the address */
	s32 replacement; /* self-relative likewise; ALT_CONSTANT: enum alt_constant */
	u8 site_bytes;
	u8 replacement_bytes;
	u8 default_bytes; /* what follows these in the site is padding */
	u8 kind_op;       /* kind << 4 | op */
	u16 terms[ALT_MAX_TERMS];
	u16 nr_terms;
	u16 depth; /* blocks around it; 0: an outermost site, the ones that are written */
};
_Static_assert(sizeof(struct alt_entry) == 24, "asm/alternative.inc emits 24 bytes");

static inline u8 *alt_site_of(const struct alt_entry *entry)
{
	return (u8 *)(uintptr_t)((uintptr_t)&entry->site + (uintptr_t)(intptr_t)entry->site);
}
static inline u8 *alt_replacement_of(const struct alt_entry *entry)
{
	return (u8 *)(uintptr_t)((uintptr_t)&entry->replacement +
				 (uintptr_t)(intptr_t)entry->replacement);
}

/*
 * Conditions, as constant expressions: FEATURE_X, not(FEATURE_X), all_of(...) and any_of(...) of
 * one to four such terms. Four u16 terms; in the first, bits 12-13 are the number of terms less
 * one and bit 14 is enum alt_op. An unknown feature or a fifth term is a compile error.
 */
#define not(feature) ((feature) | ALT_NOT)
#define all_of(...) ALT_COMBINE(ALT_ALL_OF, __VA_ARGS__)
#define any_of(...) ALT_COMBINE(ALT_ANY_OF, __VA_ARGS__)

#define ALT_COMBINE(op, ...)                                                                   \
	(ALT_COUNTED(__VA_ARGS__, alt_condition_has_more_than_4_terms,                         \
		     alt_condition_has_more_than_4_terms, alt_condition_has_more_than_4_terms, \
		     alt_condition_has_more_than_4_terms, ALT_PACK4, ALT_PACK3, ALT_PACK2,     \
		     ALT_PACK1, )(__VA_ARGS__) |                                               \
	 (u64)(op) << 14)
#define ALT_COUNTED(a, b, c, d, e, f, g, h, chosen, ...) chosen
#define ALT_TERM(term, place)                            ((u64)(term) << 16 * (place))
#define ALT_PACK1(a)                                     ALT_TERM(a, 0)
#define ALT_PACK2(a, b)                                  (1u << 12 | ALT_TERM(a, 0) | ALT_TERM(b, 1))
#define ALT_PACK3(a, b, c)                               (2u << 12 | ALT_TERM(a, 0) | ALT_TERM(b, 1) | ALT_TERM(c, 2))
#define ALT_PACK4(a, b, c, d) \
	(3u << 12 | ALT_TERM(a, 0) | ALT_TERM(b, 1) | ALT_TERM(c, 2) | ALT_TERM(d, 3))

#define ALT_CONDITION_TERM(condition, place) \
	((u32)((u64)(condition) >> 16 * (place)) & ((place) ? 0xffff : 0x8fff))
#define ALT_CONDITION_COUNT(condition) (((u64)(condition) >> 12 & 3) + 1)
#define ALT_CONDITION_OP(condition)    ((u64)(condition) >> 14 & 1)

_Static_assert(NR_FEATURES <= 1 << 12, "a term has 12 bits for its feature");

/*
 * The asm text of a site, its versions and its record; wants ALT_CONDITION among the inputs.
 * Labels 770-775 are taken. Padding here is single bytes, as many as a symbolic length asks for;
 * the patcher turns it into long NOPs. An .org that goes backwards is an assertion that failed: a
 * version or the default is longer than 255 bytes, or the site is empty.
 */
#define ALT_ASM(default_code, replacement)                                               \
	"772:\n\t" default_code "\n"                                                     \
	"773:\n\t"                                                                       \
	".skip -(((771f-770f) - (773b-772b)) > 0) * ((771f-770f) - (773b-772b)), 0x90\n" \
	"774:\n"                                                                         \
	".pushsection .altinstr_replacement, \"ax\"\n"                                   \
	"770:\n\t" replacement "\n"                                                      \
	"771:\n"                                                                         \
	".popsection\n"                                                                  \
	".pushsection .altinstructions, \"a\"\n\t"                                       \
	".balign 4\n"                                                                    \
	"775:\n\t"                                                                       \
	".long 772b - .\n\t"                                                             \
	".long 770b - .\n\t"                                                             \
	".byte 774b-772b\n\t"                                                            \
	".byte 771b-770b\n\t"                                                            \
	".byte 773b-772b\n\t"                                                            \
	".byte %c[alt_op]\n\t"                                                           \
	".word %c[alt_1], %c[alt_2], %c[alt_3], %c[alt_4]\n\t"                           \
	".word %c[alt_count], 0\n\t"                                                     \
	".org 775b + 24 + ((771b-770b) > 255) # a version longer than 255 bytes\n\t"     \
	".org 775b + 24 + ((773b-772b) > 255) # a default longer than 255 bytes\n\t"     \
	".org 775b + 24 + ((774b-772b) < 1) # a site of no bytes\n"                      \
	".popsection\n"

#define ALT_INPUTS(condition)                                             \
	[alt_op] "i"((u32)(ALT_CODE << 4 | ALT_CONDITION_OP(condition))), \
		[alt_count] "i"((u32)ALT_CONDITION_COUNT(condition)),     \
		[alt_1] "i"(ALT_CONDITION_TERM(condition, 0)),            \
		[alt_2] "i"(ALT_CONDITION_TERM(condition, 1)),            \
		[alt_3] "i"(ALT_CONDITION_TERM(condition, 2)),            \
		[alt_4] "i"(ALT_CONDITION_TERM(condition, 3))

/* Operands as one macro argument: ALT_OUT("=a"(low), "=d"(high)), ALT_IN("c"(index)). */
#define ALT_OUT(...) __VA_ARGS__
#define ALT_IN(...)  , ##__VA_ARGS__

/*
 * Runs the asm text `default_code`, or `replacement` where `condition` holds:
 *   alternative("", FEATURE_SMAP, "clac");
 *   alternative_io("call slow", all_of(FEATURE_A, not(FEATURE_B)), "call fast",
 *                  ALT_OUT("=a"(result)), ALT_IN("D"(argument)), "rcx", "memory");
 * Operands are named or numbered after all of ALT_OUT and ALT_IN, in that order. The condition
 * codes and memory are always clobbered. Branches to symbols and %[operand]s of any kind may
 * stand in both texts; a rel8 branch out of a replacement is refused.
 */
#define alternative(default_code, condition, replacement) \
	__asm__ volatile(ALT_ASM(default_code, replacement)::ALT_INPUTS(condition) : "memory", "cc")
#define alternative_io(default_code, condition, replacement, outputs, inputs, ...) \
	__asm__ volatile(ALT_ASM(default_code, replacement)                        \
			 : outputs                                                 \
			 : ALT_INPUTS(condition) inputs                            \
			 : "memory", "cc", ##__VA_ARGS__)

/*
 * A direct call of `default_function`, or of `function` where `condition` holds; _if: of nothing
 * (one NOP) unless it holds. Both take and return what the operands say, in the registers of
 * the System V ABI; arguments passed as ALT_IN("D"(..)) that the callee changes must be "+D"
 * in ALT_OUT. The remaining scratch registers are for the caller to name as clobbers:
 * ALT_CALL_CLOBBERS is all of them.
 */
#define alternative_call(default_function, condition, function, outputs, inputs, ...)  \
	__asm__ volatile(ALT_ASM("call %P[alt_default]", "call %P[alt_function]")      \
			 : outputs                                                     \
			 : ALT_INPUTS(condition), [alt_default] "i"(default_function), \
			   [alt_function] "i"(function)inputs                          \
			 : "memory", "cc", ##__VA_ARGS__)
#define alternative_call_if(condition, function, outputs, inputs, ...)               \
	__asm__ volatile(ALT_ASM("", "call %P[alt_function]")                        \
			 : outputs                                                   \
			 : ALT_INPUTS(condition), [alt_function] "i"(function)inputs \
			 : "memory", "cc", ##__VA_ARGS__)
#define ALT_CALL_CLOBBERS "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"

/*
 * Whether the processor has `condition` (a feature, or a combination as above), as a branch that
 * patching turns into straight code. False before alternatives have been applied: there, and in
 * __early code, ask feature_test(). `condition` must be constant.
 */
#ifdef __CPPCHECK__ /* which takes no asm goto */
bool cpu_has(u64 condition);
#else
#define cpu_has(condition)                                                                     \
	__extension__({                                                                        \
		__label__ alt_absent;                                                          \
		bool alt_present = false;                                                      \
		__asm__ goto(                                                                  \
			ALT_ASM("jmp %l[alt_absent]", "")::ALT_INPUTS(condition)::alt_absent); \
		alt_present = true;                                                            \
	alt_absent:                                                                            \
		alt_present;                                                                   \
	})
#endif

/*
 * The value of the runtime constant NAME of asm/constants.def as an immediate in the code, with
 * 64 or 32 bits; and a value shifted right by one. 0 before alternatives have been applied.
 */
#define ALT_CONSTANT_ASM(instruction)                     \
	"772:\n\t" instruction "\n"                       \
	"773:\n"                                          \
	".pushsection .altinstructions, \"a\"\n\t"        \
	".balign 4\n\t"                                   \
	".long 772b - .\n\t"                              \
	".long %c[alt_constant]\n\t"                      \
	".byte 773b-772b, 0, 773b-772b, %c[alt_kind]\n\t" \
	".quad 0\n\t"                                     \
	".word 0, 0\n"                                    \
	".popsection\n"
#define ALT_CONSTANT_INPUTS(name) \
	[alt_constant] "i"(ALT_CONSTANT_##name), [alt_kind] "i"(ALT_CONSTANT << 4)

#define runtime_constant(name)                                       \
	__extension__({                                              \
		u64 alt_value;                                       \
		__asm__(ALT_CONSTANT_ASM("movabsq $0, %[alt_value]") \
			: [alt_value] "=r"(alt_value)                \
			: ALT_CONSTANT_INPUTS(name));                \
		alt_value;                                           \
	})
#define runtime_constant_32(name)                                     \
	__extension__({                                               \
		u32 alt_value_32;                                     \
		__asm__(ALT_CONSTANT_ASM("movl $0, %k[alt_value_32]") \
			: [alt_value_32] "=r"(alt_value_32)           \
			: ALT_CONSTANT_INPUTS(name));                 \
		alt_value_32;                                         \
	})
#define runtime_shift_right(value, name)                            \
	__extension__({                                             \
		u64 alt_shifted = (value);                          \
		__asm__(ALT_CONSTANT_ASM("shrq $0, %[alt_shifted]") \
			: [alt_shifted] "+r"(alt_shifted)           \
			: ALT_CONSTANT_INPUTS(name)                 \
			: "cc");                                    \
		alt_shifted;                                        \
	})
