/* SPDX-License-Identifier: MIT */
/* Exceptions as signals: what depends on nothing but numbers. PURE. */
#pragma once

#include <quench/types.h>

/* What an unmasked floating-point exception is as si_code, FPE_*; 0: none is left. x87: SDM volume
 * 1, "x87 FPU Status Register"; SSE: "MXCSR Control and Status Register". */
int x86_x87_code(u16 control, u16 status);
int x86_sse_code(u32 mxcsr);

/* The signal and si_code of a vector other than #PF, #MF and #XM; `single_step`: #DB of TF.
 * *has_address: si_addr is the instruction's. 0x80 is SI_KERNEL. */
int x86_exception_signal(u64 vector, bool single_step, int *code, bool *has_address);
