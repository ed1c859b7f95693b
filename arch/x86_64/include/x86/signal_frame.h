/* SPDX-License-Identifier: MIT */
/*
 * A signal's frame on the user stack, and the routines of trap/signal_frame_access.asm that write
 * and read it in place: one range check, one window, no copy in kernel memory.
 */
#pragma once

#include <arch/signal_frame.h>
#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <x86/fpu.h>

#define X86_SIGNAL_INFO_BYTES 48  /* of siginfo_t that have a meaning; the rest is zero */
#define X86_SIGNAL_INFO_SPACE 128 /* of siginfo_t */

/* Linux's struct rt_sigframe. siginfo is written for SA_SIGINFO only, its room is always there. */
struct x86_signal_frame {
	u64 return_address;
	struct ucontext context;
	u64 info[X86_SIGNAL_INFO_SPACE / sizeof(u64)];
};
_Static_assert(offsetof(struct x86_signal_frame, info) == 312, "Linux's struct rt_sigframe");

/* What sigreturn takes from a frame besides the registers that need no look. */
struct x86_signal_words {
	u64 uc_flags, stack_base, stack_flags, stack_bytes;
	u64 rflags, selectors; /* cs, gs, fs, ss, 16 bits each from the lowest */
	u64 fpu, mask;
};

/*
 * The frame at `at`, all but of siginfo where signal->info is NULL, and the FPU state as `fpu` says
 * at the distance `fpu_at` above it, aligned to 64. 0, or -EFAULT: not all of it is user memory
 * that may be written to. Faults as a user copy does: may sleep.
 */
int x86_signal_frame_write(u64 at, u64 fpu_at, const struct full_frame *frame,
			   const struct arch_signal *signal, const void *info) __must_check;

/* The frame at `at`: general registers, RIP and RSP into `frame`, the rest into `words`. 0; -EFAULT
 * with both as they were, unless the memory goes away meanwhile. May sleep. */
int x86_signal_frame_read(u64 at, struct full_frame *frame,
			  struct x86_signal_words *words) __must_check;
