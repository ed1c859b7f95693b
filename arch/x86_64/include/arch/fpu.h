/* SPDX-License-Identifier: MIT */
/*
 * x87, SSE, AVX and AVX-512 state. Switched eagerly by arch_task_switch: in the kernel the
 * registers always hold the running task's. SDM volume 1, "Managing State Using the XSAVE
 * Feature Set".
 */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/* Bytes of arch_task.fpu, a multiple of 64; it is aligned to 64. Constant after
 * arch_cpu_harden. */
size_t arch_fpu_bytes(void);
/* Writes the initial state into a task's area. */
void arch_fpu_init(void *area);

/* Bytes of a signal frame's FPU part with the closing magic word (Linux's layout, not compacted):
 * what arch_fpu_to_user writes; `to` is aligned to 64. */
size_t arch_fpu_frame_bytes(void);
/* The running task's registers -> signal frame, with sw_reserved as in <asm/sigcontext.h>. 0 or
 * -EFAULT. May sleep. */
int arch_fpu_to_user(void __user *to);
/*
 * Signal frame -> registers; nothing in it is trusted. NULL: initial state. 0; or -EFAULT, with
 * the registers in their initial state, for memory that cannot be read, reserved bits, a wrong
 * header. A frame without the magic words has x87 and SSE only. May sleep.
 */
int arch_fpu_from_user(const void __user *from);
