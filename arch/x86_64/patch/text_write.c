/* SPDX-License-Identifier: MIT */
/* Writing into the kernel's text before the seal: stores to text, and CPUID to serialise. */
#include <arch/text.h>
#include <quench/compiler.h>

/* A loop of its own: memcpy may be a site itself one day, and the compiler must not call it. */
__early void arch_text_write(void *site, const u8 *bytes, size_t n)
{
	volatile u8 *to = site;

	for (size_t i = 0; i < n; i++)
		to[i] = bytes[i];
}

/* CPUID serialises on every processor, in every mode and under every hypervisor; SERIALIZE is
 * too new, IRET would need a stack frame for nothing. */
__early void arch_text_serialize(void)
{
	u32 eax = 0, ecx = 0;

	__asm__ volatile("cpuid" : "+a"(eax), "+c"(ecx) : : "rbx", "rdx", "memory");
}
