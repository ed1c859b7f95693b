/* SPDX-License-Identifier: MIT */
/* The verdict on every feature: the raw bit, and whatever else it takes to use it. PURE. */
#include <x86/cpu_features.h>
#include <x86/cpuid_table.h>

/* Bits of leaves the processor does not have are data of some other leaf. */
static void drop_invalid_leaves(const struct cpuid_row *rows, size_t n, struct feature_set *set)
{
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		struct feature_place place = feature_place(i);

		if (feature_test(set, i) && !cpuid_valid(rows, n, place.leaf, place.subleaf))
			feature_remove(set, i);
	}
}

/* One capability that the vendors show in different places: `from` there means `to` here. */
static void join_vendor_bits(struct feature_set *set)
{
	static const struct {
		u16 from, to;
	} joins[] = {
		{ FEATURE_SPEC_CTRL, FEATURE_IBRS },
		{ FEATURE_SPEC_CTRL, FEATURE_IBPB },
		{ FEATURE_AMD_IBRS, FEATURE_IBRS },
		{ FEATURE_AMD_IBPB, FEATURE_IBPB },
		{ FEATURE_AMD_STIBP, FEATURE_STIBP },
		{ FEATURE_AMD_SSBD, FEATURE_SSBD },
		{ FEATURE_AMD_FSRS, FEATURE_FSRS },
		{ FEATURE_AMD_FSRC, FEATURE_FSRC },
		/* Intel shows SYSCALL in 64-bit mode only, where every one has it. */
		{ FEATURE_LM, FEATURE_SYSCALL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(joins); i++)
		if (feature_test(set, joins[i].from))
			feature_add(set, joins[i].to);
}

/* State components in reach: the processor's, of leaf 0DH, that the kernel turns on. */
static u64 usable_xcr0(const struct cpuid_row *rows, size_t n, const struct cpu_controls *controls)
{
	const struct cpuid_row *row = cpuid_valid(rows, n, 0xd, 0);

	return row ? ((u64)row->edx << 32 | row->eax) & controls->xcr0 : 0;
}

/* An instruction set whose registers no XSAVE area holds cannot be used.
 * SDM volume 1, "Detection of Intel AVX Instructions" and its siblings. */
static void drop_without_state(u64 xcr0, struct feature_set *set)
{
	static const struct {
		u64 components;
		u16 feature;
	} states[] = {
		{ XSTATE_X87 | XSTATE_SSE, FEATURE_XSAVE },
		{ XSTATE_SSE | XSTATE_AVX, FEATURE_AVX },
		{ XSTATE_SSE | XSTATE_AVX | XSTATE_AVX512, FEATURE_AVX512F },
		{ XSTATE_MPX, FEATURE_MPX },
		{ XSTATE_AMX, FEATURE_AMX_TILE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if ((xcr0 & states[i].components) != states[i].components)
			feature_remove(set, states[i].feature);
}

/*
 * QEMU's own emulation takes CR4.OSXSAVE for reserved where subleaf 1 of leaf 0DH offers nothing,
 * and never comes back from setting it (QEMU 7.2 as Opteron_G4; hermit-os/kernel issue 273). The
 * processors it imitates, AMD's family 15h, have no such trouble.
 */
static bool xsave_hangs(const struct cpuid_row *rows, size_t n)
{
	const u32 tcg = 0x54474354; /* "TCGT" of TCGTCGTCGTCG */
	const struct cpuid_row *who = cpuid_valid(rows, n, 0x40000000, 0);
	const struct cpuid_row *offer = cpuid_valid(rows, n, 0xd, 1);

	return who && who->ebx == tcg && !(offer && offer->eax);
}

/* Only Intel has the switch. SDM volume 4, "IA32_MISC_ENABLE"; volume 1, "Fast-String
 * Operation". */
static bool fast_strings(enum cpu_vendor vendor, const struct cpu_controls *controls)
{
	return vendor != CPU_VENDOR_INTEL || !controls->misc_enable_known ||
	       controls->misc_enable & MISC_ENABLE_FAST_STRINGS;
}

void cpu_judge(const struct cpuid_row *rows, size_t n, const struct cpu_controls *controls,
	       struct cpu_facts *facts)
{
	struct feature_set *set = &facts->judged;

	cpuid_identify(rows, n, &facts->identity);
	facts->vendor = cpu_vendor_of(&facts->identity);
	feature_read_raw(rows, n, &facts->raw);
	*set = facts->raw;
	drop_invalid_leaves(rows, n, set);
	join_vendor_bits(set);
	drop_without_state(usable_xcr0(rows, n, controls), set);
	if (xsave_hangs(rows, n))
		feature_remove(set, FEATURE_XSAVE);
	if (fast_strings(facts->vendor, controls))
		feature_add(set, FEATURE_FAST_STRINGS);
	feature_close(set);
	cpu_quirks(&facts->identity, facts->vendor, set);
	feature_close(set);
}
