/* SPDX-License-Identifier: MIT */
/*
 * Exception table entries, as C's and NASM's `on_fault` (asm/extable.inc) emit them: when the
 * instruction faults, execution goes on at the fixup.
 */
#pragma once

#include <quench/types.h>

enum extable_type {
	EXTABLE_RESUME = 0,	 /* go on at the fixup, registers as they are */
	EXTABLE_FAULT_ERROR = 1, /* and put -EFAULT into rax */
	EXTABLE_PROBE = 2,	 /* the seal's own write to text */
};

struct extable_entry {
	s32 insn;  /* self-relative: &entry->insn + insn is the instruction's address */
	s32 fixup; /* self-relative likewise */
	s32 type;  /* enum extable_type */
};

static inline u64 extable_insn(const struct extable_entry *entry)
{
	return (u64)(uintptr_t)&entry->insn + (u64)(s64)entry->insn;
}
static inline u64 extable_fixup(const struct extable_entry *entry)
{
	return (u64)(uintptr_t)&entry->fixup + (u64)(s64)entry->fixup;
}
