/* SPDX-License-Identifier: MIT */
/* The C notation of alternatives, for test_plan.c to patch and call. No hardware. */
#include "alternative_samples.h"

#include <arch/alternative.h>
#include <arch/extable.h>

static int __attribute__((noinline, used)) ten(int more)
{
	return 10 + more;
}

static int __attribute__((noinline, used)) twenty(int more)
{
	return 20 + more;
}

static int counter;

static void __attribute__((noinline, used)) count(void)
{
	counter++;
}

int sample_c_io(int value)
{
	alternative_io("add %[one], %[value]", all_of(FEATURE_SMAP, not(FEATURE_ERMS)),
		       "add %[one], %[value]\n\tadd %[one], %[value]", ALT_OUT([value] "+r"(value)),
		       ALT_IN([one] "r"(1)));
	return value;
}

int sample_c_call(int value)
{
	int result;

	alternative_call(ten, FEATURE_SMAP, twenty, ALT_OUT("=a"(result), "+D"(value)), ALT_IN(),
			 "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11");
	return result;
}

int sample_c_call_if(void)
{
	counter = 0;
	alternative_call_if(any_of(FEATURE_SMAP, FEATURE_ERMS), count, ALT_OUT(), ALT_IN(),
			    ALT_CALL_CLOBBERS);
	return counter;
}

int sample_c_cpu_has(void)
{
	int bits = 0;

	if (cpu_has(FEATURE_SMAP))
		bits |= 1;
	if (!cpu_has(FEATURE_ERMS))
		bits |= 2;
	for (int i = 0; i < 3 && cpu_has(all_of(FEATURE_SMAP, FEATURE_ERMS)); i++)
		bits += 4;
	return bits;
}

u64 sample_c_constants(u64 value)
{
	return runtime_shift_right(value, USER_LIMIT) + runtime_constant(USER_LIMIT) * 1000 +
	       runtime_constant_32(USER_LIMIT) * 1000000ull;
}

int sample_c_faults(u8 *to)
{
	on_fault_goto(failed, "movb $1, (%[to])", ON_FAULT_IN([to] "r"(to)));
	return 0;
failed:
	return -14;
}
