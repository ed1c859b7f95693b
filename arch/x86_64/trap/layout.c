/* SPDX-License-Identifier: MIT */
/* Proves that the numbers NASM works with (asm/frame.def) are C's. Holds no code. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/task.h>
#include <arch/trap_frame.h>
#include <x86/boot.h>
#include <x86/descriptors.h>
#include <x86/percpu.h>
#include <x86/pte.h>
#include <x86/registers.h>
#include <x86/signal_frame.h>

#define LAYOUT_HEADING(text)
#define OFFSET(name, structure, field, value) \
	_Static_assert(offsetof(struct structure, field) == (value), #name);
#define CONSTANT(name, expression, value) _Static_assert((expression) == (value), #name);
#include "../asm/frame.def"

/* entry.asm finds the processor's data right above the frame on an IST stack. */
_Static_assert(sizeof(struct x86_ist_stack) - offsetof(struct x86_ist_stack, cpu) == 16,
	       "the processor pushes right below it, on a 16-byte boundary");
