/* SPDX-License-Identifier: MIT */
/*
 * The only writers of CR0 and CR4. Bits once pinned are set by every write; whoever jumps right
 * to the instruction with a value of his own meets the check behind it.
 */
#include <quench/compiler.h>
#include <x86/registers.h>

static u64 pinned_cr0 __ro_after_init, pinned_cr4 __ro_after_init;

void x86_pin_cr0(u64 bits)
{
	pinned_cr0 |= bits;
}

void x86_pin_cr4(u64 bits)
{
	pinned_cr4 |= bits;
}

void x86_write_cr0(u64 value)
{
	value |= pinned_cr0;
	do {
		__asm__ volatile("mov %0, %%cr0" : "+r"(value)::"memory");
		value |= READ_ONCE(pinned_cr0);
	} while ((x86_read_cr0() & pinned_cr0) != pinned_cr0);
}

void x86_write_cr4(u64 value)
{
	value |= pinned_cr4;
	do {
		__asm__ volatile("mov %0, %%cr4" : "+r"(value)::"memory");
		value |= READ_ONCE(pinned_cr4);
	} while ((x86_read_cr4() & pinned_cr4) != pinned_cr4);
}
