/* SPDX-License-Identifier: MIT */
/* Turns on what the processor offers against the kernel's own mistakes, and keeps it on. */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <quench/compiler.h>
#include <x86/fpu.h>
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

static u64 cr4_of(const struct feature_set *features)
{
	u64 bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cr4_bits); i++)
		if (feature_test(features, cr4_bits[i].feature))
			bits |= cr4_bits[i].bit;
	return bits;
}

/* State components on: SDM volume 1, "XSAVE-Supported Features and State-Component Bitmaps". */
static u64 xcr0_of(const struct feature_set *features)
{
	return XCR0_X87 | XCR0_SSE | (feature_test(features, FEATURE_AVX) ? XCR0_AVX : 0) |
	       (feature_test(features, FEATURE_AVX512F) ? XCR0_AVX512 : 0);
}

void arch_cpu_harden(void)
{
	const struct feature_set *features = &arch_cpu_report()->features;
	u64 cr4 = x86_read_cr4() | cr4_of(features);

	x86_pin_cr4(cr4 & CR4_PINNED);
	x86_pin_cr0(CR0_WP);
	x86_write_cr4(cr4);
	if (feature_test(features, FEATURE_XSAVE))
		x86_fpu_init(xcr0_of(features));
}

void x86_harden_other(void)
{
	const struct feature_set *features = &arch_cpu_report()->features;

	x86_write_cr4(x86_read_cr4() | cr4_of(features));
	x86_enable_state(features);
}

static __used void clear_xss(void)
{
	x86_write_msr(MSR_XSS, 0);
}

/* SDM volume 1, "Enabling the XSAVE Feature Set and XSAVE-Enabled Features". Supervisor states
 * none: XSAVES then saves what XSAVE would; it does not before patching. */
void x86_enable_state(const struct feature_set *features)
{
	if (!feature_test(features, FEATURE_XSAVE))
		return;
	x86_write_cr4(x86_read_cr4() | CR4_OSXSAVE);
	x86_write_xcr0(xcr0_of(features));
	alternative_call_if(FEATURE_XSAVES, clear_xss, ALT_OUT(), ALT_IN(), ALT_CALL_CLOBBERS);
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
