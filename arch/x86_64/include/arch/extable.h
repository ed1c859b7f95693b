/* SPDX-License-Identifier: MIT */
/*
 * Exception table entries, as C's and NASM's `on_fault` (asm/extable.inc) emit them: when the
 * instruction faults, execution goes on at the fixup. docs/extable.md. PURE but for the macros.
 */
#pragma once

#include <quench/types.h>

enum extable_type {
	EXTABLE_RESUME = 0,        /* go on at the fixup, registers as they are */
	EXTABLE_FAULT_ERROR = 1,   /* and put -EFAULT into rax */
	EXTABLE_PROBE = 2,         /* the seal's own write to text */
	EXTABLE_FAULT_ADDRESS = 3, /* and put the address that faulted into rax */
	NR_EXTABLE_TYPES
};

/* In rax where the processor names no address (#GP, #SS): one that no page fault has. */
#define EXTABLE_NO_ADDRESS UINT64_C(0x4000000000000000)

struct extable_entry {
	s32 insn;  /* self-relative: &entry->insn + insn is the instruction's address */
	s32 fixup; /* self-relative likewise */
	s32 type;  /* enum extable_type */
};
_Static_assert(sizeof(struct extable_entry) == 12, "asm/extable.inc emits 12 bytes");

static inline u64 extable_insn_of(const struct extable_entry *entry)
{
	return (u64)(uintptr_t)&entry->insn + (u64)(s64)entry->insn;
}
static inline u64 extable_fixup_of(const struct extable_entry *entry)
{
	return (u64)(uintptr_t)&entry->fixup + (u64)(s64)entry->fixup;
}

/*
 * A prefix for one instruction in asm text, which it covers: when that faults, execution goes on
 * at `fixup`, a label in the asm text or, in asm goto, "%l[name]". Type EXTABLE_RESUME.
 *   __asm__ volatile(ON_FAULT("1f") "rdmsr\n\t" "xor %[bad], %[bad]\n" "1:" : ...);
 * ON_FAULT_TYPE takes the name of another enum extable_type, without the prefix EXTABLE_.
 * Label 777 is taken.
 */
#define ON_FAULT(fixup)            ON_FAULT_TYPE(fixup, RESUME)
#define ON_FAULT_TYPE(fixup, type) ON_FAULT_NUMBER(fixup, EXTABLE_ASM_##type)
#define ON_FAULT_NUMBER(fixup, number)     \
	"777:\n"                           \
	".pushsection .extable, \"a\"\n\t" \
	".balign 4\n\t"                    \
	".long 777b - .\n\t"               \
	".long " fixup " - .\n\t"          \
	".long " number "\n"               \
	".popsection\n\t"
#define EXTABLE_ASM_RESUME      "0"
#define EXTABLE_ASM_FAULT_ERROR "1"
#define EXTABLE_ASM_PROBE       "2"

/*
 * One instruction that may fault, in C: goes to the C label `label` when it does. `instruction`
 * is asm text; `inputs` is ON_FAULT_IN(operands...); the rest are clobbers. It has no outputs:
 * what it stores, it stores through a pointer. The memory it changes is assumed to be any.
 *   on_fault_goto(failed, "movb %b[value], (%[to])", ON_FAULT_IN([value] "q"(v), [to] "r"(p)));
 */
#define on_fault_goto(label, instruction, inputs, ...)              \
	__asm__ goto(ON_FAULT("%l[" #label "]") instruction::inputs \
		     : "memory", "cc", ##__VA_ARGS__                \
		     : label)
#define ON_FAULT_IN(...) __VA_ARGS__
