/* SPDX-License-Identifier: MIT */
/* FPU state: the routines of cpu/fpu_switch.asm, and how leaf 0DH lays the areas out. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/* Registers -> a task's area, and back. Interrupts off. */
void x86_fpu_save(void *area);
void x86_fpu_load(const void *area);

/* Both with 0, or -EFAULT at the first page that is not there, a misaligned address or contents
 * the processor refuses; `to` and `from` lie below ARCH_USER_LIMIT. The components of `mask`. */
int x86_fpu_save_user(void __user *to, u64 mask);
int x86_fpu_load_user(const void __user *from, u64 mask);

/* After CR4.OSXSAVE and XCR0 are set, on the boot CPU: sizes and the initial state. */
void x86_fpu_init(u64 xcr0);
