/* SPDX-License-Identifier: MIT */
/* Exceptions of programs as signals: what the processor has to be asked for. */
#include <arch/signal_frame.h>
#include <asm/siginfo.h>
#include <linux/signal.h>
#include <x86/exception.h>
#include <x86/registers.h>
#include <x86/vectors.h>

#define VECTOR_MF   16
#define VECTOR_XM   19
#define DR6_BS      UINT64_C(0x4000) /* single step. SDM volume 3, "Debug Status Register (DR6)" */
#define DR6_INITIAL UINT64_C(0xffff0ff0)

/* The processor never clears what it has set there. */
static bool was_single_step(const struct trap_frame *frame)
{
	u64 dr6;

	__asm__ volatile("movq %%dr6, %0" : "=r"(dr6));
	__asm__ volatile("movq %0, %%dr6" ::"r"(DR6_INITIAL));
	return dr6 & DR6_BS || frame->rflags & RFLAGS_TF;
}

/* The FPU registers are the running program's. */
static int x87_code(void)
{
	u16 control, status;

	__asm__ volatile("fnstcw %0\n\tfnstsw %1" : "=m"(control), "=m"(status));
	return x86_x87_code(control, status);
}

static int sse_code(void)
{
	u32 mxcsr;

	__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
	return x86_sse_code(mxcsr);
}

struct arch_exception arch_exception_of(const struct trap_frame *frame)
{
	struct arch_exception exception = { .signal = SIGFPE, .address = frame->rip };
	bool has_address;

	if (frame->vector == VECTOR_MF || frame->vector == VECTOR_XM) {
		exception.code = frame->vector == VECTOR_MF ? x87_code() : sse_code();
		return exception;
	}
	exception.signal = x86_exception_signal(
		frame->vector, frame->vector == VECTOR_DB && was_single_step(frame),
		&exception.code, &has_address);
	if (!has_address)
		exception.address = 0;
	return exception;
}
