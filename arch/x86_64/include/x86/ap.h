/* SPDX-License-Identifier: MIT */
/* A further processor's own first steps (smp/ap.c). */
#pragma once

#include <quench/compiler.h>
#include <x86/percpu.h>

/* Boot CPU, before the first is started: what they are compared with. `list` as cpu=, or NULL. */
void x86_ap_prepare(const char *list);

/* From the trampoline: on the processor's own stack, start tables loaded, interrupts off. */
__noreturn void x86_ap_main(struct x86_cpu *cpu);
