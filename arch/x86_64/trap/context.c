/* SPDX-License-Identifier: MIT */
/* The stack of a context that has not run yet. */
#include <arch/context.h>
#include <x86/registers.h>

/* What arch_context_switch pops (context.asm). */
struct x86_context_stack {
	u64 r15, r14, r13, r12, rbp, rbx, rflags, rip;
};

void x86_context_start(void);

void arch_context_init(struct arch_context *context, void *stack_top, void (*entry)(void *),
		       void *argument)
{
	struct x86_context_stack *stack = (struct x86_context_stack *)stack_top - 1;

	*stack = (struct x86_context_stack){
		.rip = (u64)x86_context_start,
		.rflags = RFLAGS_FIXED,
		.rbx = (u64)entry,
		.r12 = (u64)argument,
	};
	context->rsp = (u64)stack;
}
