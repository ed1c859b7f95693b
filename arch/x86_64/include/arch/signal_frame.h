/* SPDX-License-Identifier: MIT */
/*
 * Signal frames on the user stack, in Linux's layout (struct rt_sigframe: return address,
 * <asm/ucontext.h>, siginfo; the FPU state above), and what exceptions mean as signals.
 */
#pragma once

#include <arch/trap_frame.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* The alternate stack as sigaltstack(2) has it. */
struct arch_signal_stack {
	u64 base, bytes; /* 0 bytes: none */
	u32 flags;       /* SS_AUTODISARM */
};

/* A task's last exception, for mcontext: vector, error code as a program may see it, CR2. */
struct arch_signal_trap {
	u64 vector, error, address;
};

/* What a task's signal frames are made of besides its registers. The first two stay from frame to
 * frame. */
struct arch_signal {
	struct arch_signal_stack stack;
	struct arch_signal_trap trap;
	u64 handler, restorer;
	u64 mask; /* the one sigreturn goes back to */
	int signal;
	bool on_stack; /* SA_ONSTACK */
};

/* Pushes the frame and turns the registers to the handler's start. `info`: 48 bytes of siginfo_t,
 * or NULL: the handler asks for none. 0; -EFAULT: the stack cannot take it, registers unchanged.
 * May sleep. */
int arch_signal_push(struct full_frame *frame, const struct arch_signal *signal, const void *info);

/* sigreturn. Nothing in the frame is trusted; a return address or selectors that are no program's
 * make x86_user_work report #GP. 0 with *mask and *stack; -EFAULT. May sleep. */
int arch_signal_pop(struct full_frame *frame, u64 *mask, struct arch_signal_stack *stack);

/* Whether the stack pointer is on the alternate stack. */
bool arch_signal_on_stack(const struct arch_signal_stack *stack, u64 sp);

/* The running task's user stack pointer: in a system call. */
u64 arch_user_stack_pointer(void);

/* The frame came in by a system call (and no sigreturn has been there since). */
bool arch_frame_is_syscall(const struct full_frame *frame);
/* The system call that the frame is in is made again as soon as it returns, as `number`. */
void arch_frame_repeat(struct full_frame *frame, u32 number);
static inline u32 arch_frame_number(const struct full_frame *frame)
{
	return (u32)frame->trap.error;
}

/* The signal Linux sends for an exception other than #PF. */
struct arch_exception {
	int signal, code;
	u64 address;
};
struct arch_exception arch_exception_of(const struct trap_frame *frame);
