/* SPDX-License-Identifier: MIT */
/*
 * The plan of the 256 interrupt vectors. Exceptions are the processor's (SDM volume 3, "Exception
 * and Interrupt Vectors"); the legacy PIC is remapped and masked, its range only ever sees
 * spurious interrupts; the top is the local APIC's, highest priority last.
 */
#pragma once

enum x86_vector {
	VECTOR_DE = 0,
	VECTOR_DB = 1,
	VECTOR_NMI = 2,
	VECTOR_BP = 3,
	VECTOR_UD = 6,
	VECTOR_DF = 8,
	VECTOR_SS = 12,
	VECTOR_GP = 13,
	VECTOR_PF = 14,
	VECTOR_MC = 18,
	VECTOR_LAST_EXCEPTION = 31,

	VECTOR_PIC = 0x20,        /* 16 legacy lines */
	VECTOR_DEVICE = 0x30,     /* I/O APIC and MSI, up to VECTOR_TIMER - 1 */
	VECTOR_TIMER = 0xf0,      /* local APIC timer */
	VECTOR_RESCHEDULE = 0xf8, /* IPIs */
	VECTOR_CALL = 0xfa,
	VECTOR_APIC_ERROR = 0xfe,
	VECTOR_SPURIOUS = 0xff,
};
