/* SPDX-License-Identifier: MIT */
/*
 * Signal frames, as Linux lays them out and unwinders, libcs and debuggers expect them. From the
 * interrupted stack pointer downward: the red zone, the FPU state (aligned to 64), the frame.
 */
#include <arch/pagetable.h>
#include <arch/percpu.h>
#include <arch/task.h>
#include <asm/errno.h>
#include <linux/signal.h>
#include <x86/descriptors.h>
#include <x86/registers.h>
#include <x86/signal_frame.h>

#define RED_ZONE      128
#define SYSCALL_BYTES 2 /* of the instruction */
/* What a program may change: SDM volume 1, "EFLAGS Register"; NT and ID only by POPF. */
#define RFLAGS_SIGRETURN (RFLAGS_USER & ~(RFLAGS_NT | RFLAGS_ID))

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

/* Where the frame goes, and the distance from it to the FPU state; 0: the alternate stack is too
 * small. */
static u64 place(const struct full_frame *frame, const struct arch_signal *signal, u64 *fpu_at)
{
	const struct arch_signal_stack *stack = &signal->stack;
	u64 sp = frame->trap.rsp, fpu;
	/* With SS_AUTODISARM there is no "inside": the stack was given up at the last signal. */
	bool inside = !(stack->flags & SS_AUTODISARM) && arch_signal_on_stack(stack, sp);

	sp -= RED_ZONE;
	if (signal->on_stack && stack->bytes && !inside) {
		sp = stack->base + stack->bytes;
		inside = true;
	}
	fpu = ALIGN_DOWN(sp - x86_fpu_frame.bytes, (u64)64);
	/* As after a call: 16-byte aligned but for the return address. */
	sp = ALIGN_DOWN(fpu - sizeof(struct x86_signal_frame), (u64)16) - 8;
	*fpu_at = fpu - sp;
	return inside && !arch_signal_on_stack(stack, sp) ? 0 : sp;
}

static void enter_handler(struct trap_frame *trap, const struct arch_signal *signal, u64 at)
{
	trap->rdi = (u64)signal->signal;
	trap->rsi = at + offsetof(struct x86_signal_frame, info);
	trap->rdx = at + offsetof(struct x86_signal_frame, context);
	trap->rax = 0; /* the number of vector registers used, of a variadic function */
	trap->rip = signal->handler;
	trap->rsp = at;
	trap->cs = X86_USER_CS;
	trap->ss = X86_USER_SS;
	trap->rflags &= ~(RFLAGS_DF | RFLAGS_RF | RFLAGS_TF);
	trap->vector = 0; /* no call any more that could be made again */
}

int arch_signal_push(struct full_frame *frame, const struct arch_signal *signal, const void *info)
{
	u64 fpu_at, at = place(frame, signal, &fpu_at);

	if (!at || x86_signal_frame_write(at, fpu_at, frame, signal, info))
		return -EFAULT;
	enter_handler(&frame->trap, signal, at);
	return 0;
}

/* What of a frame decides more than the program's registers. */
static void take_words(struct full_frame *frame, const struct x86_signal_words *words)
{
	struct trap_frame *trap = &frame->trap;

	trap->rflags = (trap->rflags & ~RFLAGS_SIGRETURN) | (words->rflags & RFLAGS_SIGRETURN);
	/* The way out judges them; privilege 3 in any case. */
	trap->cs = (u16)words->selectors | 3;
	trap->ss = (u16)(words->selectors >> 48) | 3;
	/* Who does not know SS is in the frame may have put anything there. */
	if (!(words->uc_flags & UC_STRICT_RESTORE_SS) && trap->cs == X86_USER_CS)
		trap->ss = X86_USER_SS;
	trap->vector = 0;
}

int arch_signal_pop(struct full_frame *frame, u64 *mask, struct arch_signal_stack *stack)
{
	struct x86_signal_words words;
	/* The handler's RET has taken the return address. */
	u64 at = frame->trap.rsp - offsetof(struct x86_signal_frame, context);

	if (x86_signal_frame_read(at, frame, &words))
		return -EFAULT;
	*mask = words.mask;
	stack->base = words.stack_base;
	stack->bytes = words.stack_flags & SS_DISABLE ? 0 : words.stack_bytes;
	stack->flags = (u32)words.stack_flags & SS_AUTODISARM;
	take_words(frame, &words);
	return x86_fpu_from_user((const void __user *)words.fpu);
}
