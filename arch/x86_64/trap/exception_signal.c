/* SPDX-License-Identifier: MIT */
/* Which signal and si_code Linux gives for each exception of a program. PURE. */
#include <asm/siginfo.h>
#include <linux/signal.h>
#include <x86/exception.h>

/* The same six bits in x87's status and control words and in MXCSR. */
enum { INVALID = 1, DENORMAL = 2, ZERO_DIVIDE = 4, OVERFLOW = 8, UNDERFLOW = 16, PRECISION = 32 };
#define MXCSR_MASKS_SHIFT 7

static int code_of(u32 unmasked)
{
	if (unmasked & INVALID)
		return FPE_FLTINV;
	if (unmasked & ZERO_DIVIDE)
		return FPE_FLTDIV;
	if (unmasked & OVERFLOW)
		return FPE_FLTOVF;
	if (unmasked & (DENORMAL | UNDERFLOW))
		return FPE_FLTUND;
	return unmasked & PRECISION ? FPE_FLTRES : 0;
}

int x86_x87_code(u16 control, u16 status)
{
	return code_of(status & ~(u32)control);
}

int x86_sse_code(u32 mxcsr)
{
	return code_of(mxcsr & ~(mxcsr >> MXCSR_MASKS_SHIFT));
}

struct meaning {
	u8 signal, code; /* signal 0: SIGSEGV; code 0: SI_KERNEL, without an address */
};

int x86_exception_signal(u64 vector, bool single_step, int *code, bool *has_address)
{
	/* SDM volume 3, table "Protected-Mode Exceptions and Interrupts". */
	static const struct meaning meanings[] = {
		[0] = { SIGFPE, FPE_INTDIV }, [1] = { SIGTRAP, TRAP_BRKPT }, [3] = { SIGTRAP, 0 },
		[6] = { SIGILL, ILL_ILLOPN }, [9] = { SIGFPE, 0 },           [11] = { SIGBUS, 0 },
		[12] = { SIGBUS, 0 },         [17] = { SIGBUS, BUS_ADRALN },
	};
	struct meaning meaning = { 0 };

	if (vector < ARRAY_SIZE(meanings))
		meaning = meanings[vector];
	if (vector == 1 && single_step)
		meaning.code = TRAP_TRACE;
	*code = meaning.code ? meaning.code : SI_KERNEL;
	*has_address = meaning.code && meaning.signal != SIGBUS;
	return meaning.signal ? meaning.signal : SIGSEGV;
}
