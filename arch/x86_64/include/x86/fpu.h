/* SPDX-License-Identifier: MIT */
/* FPU state: the routines of cpu/fpu_switch.asm, and how leaf 0DH lays the areas out. */
#pragma once

#include <asm/sigcontext.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* Registers -> a task's area, and back. Interrupts off. */
void x86_fpu_save(void *area);
void x86_fpu_load(const void *area);

/* 0, or -EFAULT at the first page that is not there, a misaligned address or contents the processor
 * refuses; `from` lies below ARCH_USER_LIMIT. The components of `mask`. */
int x86_fpu_load_user(const void __user *from, u64 mask);

/* 0: loaded; 1: `from` is not one that x86_signal_frame_write has written, of all components;
 * -EFAULT as above. All of it lies below ARCH_USER_LIMIT. XSAVE is there. */
int x86_fpu_load_frame(const void __user *from);

#define X86_FX_SW_RESERVED 464 /* of the FXSAVE area: where 48 bytes are software's */

/* The FPU part of a signal's frame: what its software bytes say, and all its bytes with the closing
 * magic word (Linux's layout, not compacted). Constant after x86_fpu_init. */
struct x86_fpu_frame {
	struct _fpx_sw_bytes words;
	u64 bytes;
};
extern struct x86_fpu_frame x86_fpu_frame;

/*
 * Signal frame -> registers; nothing in it is trusted. NULL: initial state. 0; or -EFAULT, with
 * the registers in their initial state, for memory that cannot be read, reserved bits, a wrong
 * header. A frame without the magic words has x87 and SSE only. May sleep.
 */
int x86_fpu_from_user(const void __user *from);

/* After CR4.OSXSAVE and XCR0 are set, on the boot CPU: sizes and the initial state. */
void x86_fpu_init(u64 xcr0);
