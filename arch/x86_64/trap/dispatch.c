/* SPDX-License-Identifier: MIT */
/* From the entries to the kernel's one door. */
#include <arch/cpu.h>
#include <arch/preempt.h>
#include <arch/trap_frame.h>
#include <quench/log.h>
#include <quench/upcalls.h>
#include <x86/descriptors.h>
#include <x86/machine.h>
#include <x86/registers.h>
#include <x86/smp.h>
#include <x86/vectors.h>

/* A bit of arch_task.work: the frame may be one that cannot be returned to. */
#define WORK_CHECK_FRAME UINT32_C(0x80000000)

/* Whether IRETQ takes the frame without a fault. It would fault in the kernel, with the program's
 * GS: SDM volume 2, "IRET/IRETD/IRETQ—Interrupt Return", exceptions. */
static bool returnable(const struct trap_frame *frame)
{
	return frame->cs == X86_USER_CS && frame->ss == X86_USER_SS && frame->rip >> 47 == 0;
}

/* A program's frame that cannot be returned to becomes the #GP it amounts to. */
static __noinline void refuse_frame(struct trap_frame *frame)
{
	frame->vector = VECTOR_GP;
	frame->error = 0;
	kernel_exception(frame);
	if (!returnable(frame) && !arch_work_get(arch_current()))
		panic("no way back to user mode: cs 0x%lx ss 0x%lx rip 0x%lx", frame->cs, frame->ss,
		      frame->rip);
}

static inline void do_work(struct full_frame *frame, struct arch_task *task, u32 work)
{
	if (work & (ARCH_WORK_SYSCALL | WORK_CHECK_FRAME))
		arch_work_clear(task, ARCH_WORK_SYSCALL | WORK_CHECK_FRAME);
	if (work & ARCH_WORK_SYSCALL)
		kernel_syscall_full(frame);
	if (work & ~(ARCH_WORK_SYSCALL | WORK_CHECK_FRAME))
		kernel_user_return_work(frame);
}

/*
 * Whatever the running task still has to do before it is in user mode; until there is nothing
 * left and the frame can be returned to. Flags a program must not choose are taken out whoever
 * put them there. Interrupts off, also on return.
 */
void x86_user_work(struct full_frame *frame)
{
	struct arch_task *task = arch_current();
	u32 work;

	while ((work = arch_work_get(task)) || unlikely(!returnable(&frame->trap))) {
		arch_interrupts_on();
		if (likely(work))
			do_work(frame, task, work);
		else
			refuse_frame(&frame->trap);
		arch_interrupts_off();
	}
	frame->trap.rflags = (frame->trap.rflags & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
}

/* The PIC is masked: what still comes from it is spurious and wants no answer. */
static bool is_spurious(u64 vector)
{
	return (vector >= VECTOR_PIC && vector < VECTOR_DEVICE) || vector == VECTOR_SPURIOUS;
}

static void interrupt(struct trap_frame *frame)
{
	x86_apic_eoi();
	switch (frame->vector) {
	case VECTOR_TIMER:
		kernel_timer(frame);
		break;
	case VECTOR_RESCHEDULE:
		x86_resched_arrived();
		break;
	case VECTOR_CALL:
		x86_calls_run();
		break;
	case VECTOR_APIC_ERROR:
		x86_apic_error();
		break;
	default:
		kernel_interrupt(frame);
	}
}

/* Preemption of kernel code: on the way out, after EOI. Of user code: by arch_task.work. */
static void interrupt_and_preempt(struct trap_frame *frame)
{
	preempt_disable();
	if (!is_spurious(frame->vector))
		interrupt(frame);
	preempt_enable_quiet();
	if (!trap_from_user(frame) && !arch_preempt_word())
		kernel_preempt();
}

/* Both with interrupts as they were in the interrupted code: a fault may sleep. */
static void page_fault(struct trap_frame *frame)
{
	u64 address = x86_read_cr2();

	if (likely(frame->rflags & RFLAGS_IF))
		arch_interrupts_on();
	if (trap_from_user(frame))
		kernel_user_page_fault(frame, address, frame->error);
	else
		kernel_page_fault(frame, address, frame->error);
	arch_interrupts_off();
}

static void exception(struct trap_frame *frame)
{
	if (frame->rflags & RFLAGS_IF)
		arch_interrupts_on();
	kernel_exception(frame);
	arch_interrupts_off();
}

void x86_trap_dispatch(struct trap_frame *frame)
{
	if (frame->vector == VECTOR_PF)
		page_fault(frame);
	else if (frame->vector <= VECTOR_LAST_EXCEPTION)
		exception(frame);
	else
		interrupt_and_preempt(frame);
	/* AMD reports a jump to a RIP that is not canonical with that RIP. */
	if (trap_from_user(frame) && unlikely(!returnable(frame)))
		arch_work_set(arch_current(), WORK_CHECK_FRAME);
}

/* NMI, #DF and #MC, on their own stacks, with anything below them: no lock is taken. */
void x86_paranoid_dispatch(struct trap_frame *frame)
{
	if (frame->vector == VECTOR_NMI)
		x86_nmi();
	kernel_exception(frame);
}
