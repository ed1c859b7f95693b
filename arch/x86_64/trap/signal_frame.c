/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, as Linux lays them out and unwinders, libcs and debuggers expect them. From the
 * interrupted stack pointer downward: the red zone, the FPU state (aligned to 64), struct frame.
 */
#include <arch/alternative.h>
#include <arch/fpu.h>
#include <arch/pagetable.h>
#include <arch/percpu.h>
#include <arch/signal_frame.h>
#include <arch/task.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/sigcontext.h>
#include <asm/signal.h>
#include <asm/ucontext.h>
#include <linux/signal.h>
#include <quench/string.h>
#include <x86/descriptors.h>
#include <x86/registers.h>

#define RED_ZONE      128
#define SYSCALL_BYTES 2  /* of the instruction */
#define INFO_BYTES    48 /* of siginfo_t; the rest is zero */
#define INFO_SPACE    128
/* What a program may change: SDM volume 1, "EFLAGS Register"; NT and ID only by POPF. */
#define RFLAGS_SIGRETURN (RFLAGS_USER & ~(RFLAGS_NT | RFLAGS_ID))

/* The first part is written always, the second for SA_SIGINFO. */
struct frame {
	u64 return_address;
	struct ucontext context;
	u8 info[INFO_BYTES];
};
#define FRAME_SPACE (offsetof(struct frame, info) + INFO_SPACE)
_Static_assert(offsetof(struct frame, context) == 8 && sizeof(struct ucontext) == 304,
	       "Linux's struct rt_sigframe");

bool arch_signal_on_stack(const struct arch_signal_stack *stack, u64 sp)
{
	return stack->bytes && sp > stack->base && sp - stack->base <= stack->bytes;
}

u64 arch_user_stack_pointer(void)
{
	const struct arch_task *task = arch_current();

	return arch_task_frame(task)->trap.rsp;
}

bool arch_frame_is_syscall(const struct full_frame *frame)
{
	return frame->trap.vector == TRAP_VECTOR_SYSCALL;
}

void arch_frame_repeat(struct full_frame *frame, u32 number)
{
	frame->trap.rax = number;
	frame->trap.rip -= SYSCALL_BYTES;
}

static void fill_registers(struct sigcontext *to, const struct full_frame *frame)
{
	const struct trap_frame *trap = &frame->trap;

	to->r8 = trap->r8;
	to->r9 = trap->r9;
	to->r10 = trap->r10;
	to->r11 = trap->r11;
	to->r12 = frame->r12;
	to->r13 = frame->r13;
	to->r14 = frame->r14;
	to->r15 = frame->r15;
	to->rdi = trap->rdi;
	to->rsi = trap->rsi;
	to->rbp = frame->rbp;
	to->rbx = frame->rbx;
	to->rdx = trap->rdx;
	to->rax = trap->rax;
	to->rcx = trap->rcx;
	to->rsp = trap->rsp;
	to->rip = trap->rip;
	to->eflags = trap->rflags;
	to->cs = (u16)trap->cs;
	to->gs = 0;
	to->fs = 0;
	to->ss = (u16)trap->ss;
}

static void fill(struct frame *to, const struct full_frame *frame, const struct arch_signal *signal,
		 u64 fpu)
{
	struct ucontext *context = &to->context;
	struct sigcontext *registers = &context->uc_mcontext;

	to->return_address = signal->restorer;
	context->uc_flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
	if (!cpu_has(FEATURE_XSAVE))
		context->uc_flags &= ~(u64)UC_FP_XSTATE;
	context->uc_link = NULL;
	context->uc_stack.ss_sp = (void *)signal->stack.base;
	context->uc_stack.ss_flags = (int)(signal->stack.bytes ? signal->stack.flags : SS_DISABLE);
	context->uc_stack.ss_size = signal->stack.bytes;
	fill_registers(registers, frame);
	registers->err = signal->trap_error;
	registers->trapno = signal->trap;
	registers->oldmask = signal->mask;
	registers->cr2 = signal->trap_address;
	registers->fpstate = (struct _fpstate *)fpu;
	__builtin_memset(registers->reserved1, 0, sizeof(registers->reserved1));
	context->uc_sigmask = signal->mask;
}

/* Where the frame goes; 0: the alternate stack is too small. */
static u64 place(const struct full_frame *frame, const struct arch_signal *signal, u64 *fpu)
{
	const struct arch_signal_stack *stack = &signal->stack;
	u64 sp = frame->trap.rsp;
	bool inside = arch_signal_on_stack(stack, sp);

	/* With SS_AUTODISARM there is no "inside": the stack was given up at the last signal. */
	if (stack->flags & SS_AUTODISARM)
		inside = false;
	sp -= RED_ZONE;
	if (signal->on_stack && stack->bytes && !inside) {
		sp = stack->base + stack->bytes;
		inside = true;
	}
	*fpu = ALIGN_DOWN(sp - arch_fpu_frame_bytes(), (u64)64);
	/* As after a call: 16-byte aligned but for the return address. */
	sp = ALIGN_DOWN(*fpu - FRAME_SPACE, (u64)16) - 8;
	return inside && !arch_signal_on_stack(stack, sp) ? 0 : sp;
}

static int write_info(u64 at, const struct frame *frame)
{
	u8 __user *to = (u8 __user *)at + offsetof(struct frame, info);

	return clear_user(to + INFO_BYTES, INFO_SPACE - INFO_BYTES) ? -EFAULT : 0;
}

static int write(u64 at, struct frame *frame, const struct arch_signal *signal, u64 fpu)
{
	size_t bytes = signal->info ? sizeof(*frame) : offsetof(struct frame, info);

	if (signal->info)
		__builtin_memcpy(frame->info, signal->info, INFO_BYTES);
	if (copy_to_user((void __user *)at, frame, bytes) || arch_fpu_to_user((void __user *)fpu))
		return -EFAULT;
	return signal->info ? write_info(at, frame) : 0;
}

static void enter_handler(struct trap_frame *trap, const struct arch_signal *signal, u64 at)
{
	trap->rdi = (u64)signal->signal;
	trap->rsi = at + offsetof(struct frame, info);
	trap->rdx = at + offsetof(struct frame, context);
	trap->rax = 0; /* the number of vector registers used, of a variadic function */
	trap->rip = signal->handler;
	trap->rsp = at;
	trap->cs = X86_USER_CS;
	trap->ss = X86_USER_SS;
	trap->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	trap->vector = 0; /* no call any more that could be made again */
}

int arch_signal_push(struct full_frame *frame, const struct arch_signal *signal)
{
	struct frame image;
	u64 fpu, at = place(frame, signal, &fpu);

	if (!at)
		return -EFAULT;
	fill(&image, frame, signal, fpu);
	if (write(at, &image, signal, fpu))
		return -EFAULT;
	enter_handler(&frame->trap, signal, at);
	return 0;
}

static void take_registers(struct full_frame *frame, const struct sigcontext *from)
{
	struct trap_frame *trap = &frame->trap;

	trap->r8 = from->r8;
	trap->r9 = from->r9;
	trap->r10 = from->r10;
	trap->r11 = from->r11;
	frame->r12 = from->r12;
	frame->r13 = from->r13;
	frame->r14 = from->r14;
	frame->r15 = from->r15;
	trap->rdi = from->rdi;
	trap->rsi = from->rsi;
	frame->rbp = from->rbp;
	frame->rbx = from->rbx;
	trap->rdx = from->rdx;
	trap->rax = from->rax;
	trap->rcx = from->rcx;
	trap->rsp = from->rsp;
	trap->rip = from->rip;
	trap->rflags = (trap->rflags & ~RFLAGS_SIGRETURN) | (from->eflags & RFLAGS_SIGRETURN);
	/* The way out judges them; privilege 3 in any case. */
	trap->cs = from->cs | 3;
	trap->ss = from->ss | 3;
	trap->vector = 0;
}

int arch_signal_pop(struct full_frame *frame, u64 *mask, struct arch_signal_stack *stack)
{
	struct ucontext context;
	/* The handler's RET has taken the return address. */
	u64 at = frame->trap.rsp - offsetof(struct frame, context);

	if (copy_from_user(&context, (void __user *)(at + offsetof(struct frame, context)),
			   sizeof(context)))
		return -EFAULT;
	*mask = context.uc_sigmask;
	stack->base = (u64)context.uc_stack.ss_sp;
	stack->bytes = context.uc_stack.ss_flags & SS_DISABLE ? 0 : context.uc_stack.ss_size;
	stack->flags = (u32)context.uc_stack.ss_flags & SS_AUTODISARM;
	take_registers(frame, &context.uc_mcontext);
	/* Who does not know SS is in the frame may have put anything there. */
	if (!(context.uc_flags & UC_STRICT_RESTORE_SS) && frame->trap.cs == X86_USER_CS)
		frame->trap.ss = X86_USER_SS;
	return arch_fpu_from_user((const void __user *)context.uc_mcontext.fpstate);
}
