/* SPDX-License-Identifier: MIT */
/* Turns on what the processor offers against the kernel's own mistakes, and keeps it on. */
#include <arch/cpu.h>
#include <x86/machine.h>
#include <x86/registers.h>

/* CR4 bits and the feature without which setting the bit faults. */
static const struct {
	u64 bit;
	enum feature feature;
} cr4_bits[] = {
	{ CR4_PGE, FEATURE_PGE },   { CR4_SMEP, FEATURE_SMEP },         { CR4_SMAP, FEATURE_SMAP },
	{ CR4_UMIP, FEATURE_UMIP }, { CR4_FSGSBASE, FEATURE_FSGSBASE },
};

#define CR4_PINNED (CR4_SMEP | CR4_SMAP | CR4_UMIP)

void arch_cpu_harden(void)
{
	const struct feature_set *features = &arch_cpu_report()->features;
	u64 cr4 = x86_read_cr4();

	for (size_t i = 0; i < ARRAY_SIZE(cr4_bits); i++)
		if (feature_test(features, cr4_bits[i].feature))
			cr4 |= cr4_bits[i].bit;
	x86_pin_cr4(cr4 & CR4_PINNED);
	x86_pin_cr0(CR0_WP);
	x86_write_cr4(cr4);
}

/* SDM volume 1, "Enabling the XSAVE Feature Set and XSAVE-Enabled Features". */
void x86_enable_state(const struct feature_set *features)
{
	u64 components = XCR0_X87 | XCR0_SSE;

	if (!feature_test(features, FEATURE_XSAVE))
		return;
	if (feature_test(features, FEATURE_AVX))
		components |= XCR0_AVX;
	if (feature_test(features, FEATURE_AVX512F))
		components |= XCR0_AVX512;
	x86_write_cr4(x86_read_cr4() | CR4_OSXSAVE);
	x86_write_xcr0(components);
}

/* Writes no memory: the pin above is read-only by now, and stays clean. */
void arch_cpu_seal(void)
{
	x86_write_cr0(x86_read_cr0() | CR0_WP);
}

bool arch_cpu_wp(void)
{
	return x86_read_cr0() & CR0_WP;
}
