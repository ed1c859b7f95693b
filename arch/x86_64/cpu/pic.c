/* SPDX-License-Identifier: MIT */
/* The two legacy 8259A interrupt controllers: moved off the exceptions' vectors, then masked. */
#include <x86/io.h>
#include <x86/machine.h>
#include <x86/vectors.h>

/* Intel 8259A data sheet, "Initialization Command Words". */
#define PIC1_COMMAND    0x20
#define PIC1_DATA       0x21
#define PIC2_COMMAND    0xa0
#define PIC2_DATA       0xa1
#define ICW1_INIT_ICW4  0x11
#define ICW3_SLAVE_LINE 2
#define ICW4_8086       0x01

static void init_one(u16 command, u16 data, u8 vector, u8 cascade)
{
	x86_out8(command, ICW1_INIT_ICW4);
	x86_out8(data, vector);
	x86_out8(data, cascade);
	x86_out8(data, ICW4_8086);
	x86_out8(data, 0xff);
}

/* Even masked it can raise a spurious interrupt 7 or 15; those land on VECTOR_PIC + 7 and + 15. */
void x86_pic_init(void)
{
	init_one(PIC1_COMMAND, PIC1_DATA, VECTOR_PIC, 1 << ICW3_SLAVE_LINE);
	init_one(PIC2_COMMAND, PIC2_DATA, VECTOR_PIC + 8, ICW3_SLAVE_LINE);
}
