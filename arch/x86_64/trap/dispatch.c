/* SPDX-License-Identifier: MIT */
/* From the entries to the kernel's one door, and the last look at a frame before it is returned to.
 */
#include <arch/cpu.h>
#include <arch/trap_frame.h>
#include <quench/log.h>
#include <quench/upcalls.h>
#include <x86/descriptors.h>
#include <x86/machine.h>
#include <x86/registers.h>
#include <x86/vectors.h>

/* Whether IRETQ and SYSRET take the frame without a fault. They would fault in the kernel, with
 * the program's GS: SDM volume 2, "IRET/IRETD/IRETQ—Interrupt Return", exceptions. */
static bool returnable(const struct trap_frame *frame)
{
	return frame->cs == X86_USER_CS && frame->ss == X86_USER_SS && frame->rip >> 47 == 0;
}

/*
 * A program's frame that cannot be returned to becomes the #GP it amounts to. Flags a program
 * must not choose are taken out whoever put them there.
 */
static void check_user_frame(struct trap_frame *frame)
{
	if (!returnable(frame)) {
		frame->vector = VECTOR_GP;
		frame->error = 0;
		kernel_exception(frame);
		if (!returnable(frame))
			panic("no way back to user mode: cs 0x%lx ss 0x%lx rip 0x%lx", frame->cs,
			      frame->ss, frame->rip);
	}
	frame->rflags = (frame->rflags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
}

/* The PIC is masked: what still comes from it is spurious and wants no answer. */
static bool is_spurious(u64 vector)
{
	return (vector >= VECTOR_PIC && vector < VECTOR_DEVICE) || vector == VECTOR_SPURIOUS;
}

void x86_trap_dispatch(struct trap_frame *frame)
{
	if (frame->vector == VECTOR_PF)
		kernel_page_fault(frame, x86_read_cr2(), frame->error);
	else if (frame->vector <= VECTOR_LAST_EXCEPTION)
		kernel_exception(frame);
	else if (!is_spurious(frame->vector))
		kernel_interrupt(frame);
	arch_interrupts_off();
	if (trap_from_user(frame))
		check_user_frame(frame);
}

void x86_syscall_dispatch(struct trap_frame *frame)
{
	kernel_syscall(frame);
	arch_interrupts_off();
	check_user_frame(frame);
}
