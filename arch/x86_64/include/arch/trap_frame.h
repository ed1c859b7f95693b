/* SPDX-License-Identifier: MIT */
/*
 * What every entry into the kernel leaves on the kernel stack: the scratch registers of the
 * System V ABI and the processor's own frame. The preserved registers (rbx, rbp, r12-r15) stay
 * where they are: C code keeps them. SYSCALL builds the same frame. asm/frame.inc holds the
 * offsets for NASM; static assertions in trap/ prove they agree.
 */
#pragma once

#include <quench/types.h>

struct trap_frame {
	u64 r11;
	u64 rdi, rsi, rdx, r10, r8, r9; /* a system call's arguments, in their order */
	u64 rcx, rax;
	u64 vector; /* 0-255, or TRAP_VECTOR_SYSCALL */
	u64 error;  /* the processor's error code, or 0; for a system call its number */
	u64 rip, cs, rflags, rsp, ss;
};

#define TRAP_VECTOR_SYSCALL 256

/* The six arguments of a system call, where the entry left them. */
static inline const u64 *trap_arguments(const struct trap_frame *frame)
{
	return &frame->rdi;
}
_Static_assert(offsetof(struct trap_frame, r9) == offsetof(struct trap_frame, rdi) + 5 * 8,
	       "six arguments in a row");

/*
 * All registers, right below the frame's own: built only on the ways out that need them (signals,
 * fork, exec, sigreturn).
 */
struct full_frame {
	u64 r15, r14, r13, r12, rbp, rbx;
	struct trap_frame trap;
};

/* Whether the frame came from user mode: the saved CS decides, nothing else. */
static inline bool trap_from_user(const struct trap_frame *frame)
{
	return frame->cs & 3;
}
