/* SPDX-License-Identifier: MIT */
/* Writing into the kernel's text before the seal: stores to text, and CPUID to serialise. */
#include <arch/text.h>
#include <quench/compiler.h>

/* An instruction of its own: memcpy may be a site itself one day. DF is clear in C. */
__early void arch_text_write(void *site, const u8 *bytes, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(site), "+S"(bytes), "+c"(n) : : "memory");
}

/* CPUID serialises on every processor, in every mode and under every hypervisor; SERIALIZE is
 * too new, IRET would need a stack frame for nothing. */
__early void arch_text_serialize(void)
{
	u32 eax = 0, ecx = 0;

	__asm__ volatile("cpuid" : "+a"(eax), "+c"(ecx) : : "rbx", "rdx", "memory");
}
