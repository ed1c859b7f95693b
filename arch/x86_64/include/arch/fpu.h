/* SPDX-License-Identifier: MIT */
/*
 * x87, SSE, AVX and AVX-512 state. Switched eagerly by arch_task_switch: in the kernel the
 * registers always hold the running task's, or what a copy of its keeps there. SDM volume 1,
 * "Managing State Using the XSAVE Feature Set".
 */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/* Bytes of arch_task.fpu, a multiple of 64; it is aligned to 64. Constant after
 * arch_cpu_harden. */
size_t arch_fpu_bytes(void);
/* Writes the initial state into a task's area. */
void arch_fpu_init(void *area);
