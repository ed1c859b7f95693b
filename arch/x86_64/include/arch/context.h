/* SPDX-License-Identifier: MIT */
/* Kernel contexts: a stack pointer, with all else on the stack it points into. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

struct arch_context {
	u64 rsp;
};

/*
 * Saves the preserved registers (rbx, rbp, r12-r15) and flags on the running stack, its stack
 * pointer in *from, and continues where *to was saved. Returns when somebody switches back to
 * *from. Interrupts off.
 */
void arch_context_switch(struct arch_context *from, const struct arch_context *to);

/* Makes *context so that the first switch to it calls entry(argument) on the given stack, with
 * interrupts off. `entry` must not return. */
void arch_context_init(struct arch_context *context, void *stack_top, void (*entry)(void *),
		       void *argument);

/*
 * Leaves the kernel for user mode at `rip` with stack `rsp`: all other general registers 0,
 * RFLAGS 0x202, x87/SSE/AVX state initial, FS and GS base 0. The running kernel stack is
 * reset to its top by the next entry.
 */
__noreturn void arch_enter_user(vaddr_t rip, vaddr_t rsp);
