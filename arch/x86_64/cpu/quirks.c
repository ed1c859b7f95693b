/* SPDX-License-Identifier: MIT */
/* What is known of a processor by its family and model only. PURE. docs/copy-policy.md. */
#include <x86/cpu_features.h>

struct quirk {
	enum cpu_vendor vendor;
	u16 family, model_first, model_last;
	u16 feature;
	bool add; /* or take away */
};

#define ADD(feature)  FEATURE_##feature, true
#define DROP(feature) FEATURE_##feature, false

static const struct quirk quirks[] = {
	/* Zen 2 (family 17h from 30h on but 50h-5fh, which is Zen 1), Zen 3 and Zen 4 (19h): glibc
	 * bug 30994; measured on Zen 4. No report for Zen 5 (1ah). */
	{ CPU_VENDOR_AMD, 0x17, 0x30, 0x4f, ADD(REP_MOVS_CLIFF) },
	{ CPU_VENDOR_AMD, 0x17, 0x60, 0xff, ADD(REP_MOVS_CLIFF) },
	{ CPU_VENDOR_AMD, 0x19, 0x00, 0xff, ADD(REP_MOVS_CLIFF) },
	/* Erratum 110 (Revision Guide for AMD Athlon 64 and Opteron): the bit before revision D. */
	{ CPU_VENDOR_AMD, 0x0f, 0x00, 0x13, DROP(LAHF_LM) },
	/* Erratum 1386 (revision guides of family 17h): XSAVES may lose state on Zen 1 and 2. */
	{ CPU_VENDOR_AMD, 0x17, 0x00, 0xff, DROP(XSAVES) },
	{ CPU_VENDOR_HYGON, 0x18, 0x00, 0xff, DROP(XSAVES) },
};

static void apply_table(const struct cpu_identity *cpu, enum cpu_vendor vendor,
			struct feature_set *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(quirks); i++) {
		const struct quirk *q = &quirks[i];

		if (q->vendor != vendor || q->family != cpu->family ||
		    cpu->model < q->model_first || cpu->model > q->model_last)
			continue;
		if (q->add)
			feature_add(set, q->feature);
		else
			feature_remove(set, q->feature);
	}
}

/* Linux's rules for REP_GOOD, by vendor: Intel but NetBurst; K8 from stepping C0 on and every
 * later AMD; Hygon; VIA Nano and all of Zhaoxin. */
static bool rep_good(const struct cpu_identity *cpu, enum cpu_vendor vendor)
{
	switch (vendor) {
	case CPU_VENDOR_INTEL:
		return cpu->family >= 6 && cpu->family != 15;
	case CPU_VENDOR_AMD:
		if (cpu->family != 15)
			return cpu->family > 15;
		return cpu->model > 5 || (cpu->model >= 4 && cpu->stepping >= 8);
	case CPU_VENDOR_HYGON:
		return true;
	case CPU_VENDOR_CENTAUR:
		return cpu->family > 6 || (cpu->family == 6 && cpu->model >= 15);
	case CPU_VENDOR_ZHAOXIN:
		return cpu->family >= 6;
	default:
		return false;
	}
}

/* Core 2 and Dunnington (15, 22, 23, 29) split what crosses a cache line at some 20 cycles;
 * Bonnell and Saltwell (28, 38, 39, 53, 54) are in order. Nehalem and Silvermont mark the turn. */
static bool intel_unaligned(const struct cpu_identity *cpu)
{
	if (cpu->family != 6)
		return cpu->family > 6 && cpu->family != 15;
	switch (cpu->model) {
	case 0x1c: /* Bonnell */
	case 0x1d: /* Dunnington */
	case 0x26:
	case 0x27:
	case 0x35:
	case 0x36:
		return false;
	default:
		return cpu->model >= 0x1a;
	}
}

/* AMD: K8 pays for what crosses 8 bytes, and family 11h is a K8; from family 10h on only what
 * crosses 16 or more. Others: whoever has AVX2 has wide load units. */
static bool fast_unaligned(const struct cpu_identity *cpu, enum cpu_vendor vendor,
			   const struct feature_set *set)
{
	switch (vendor) {
	case CPU_VENDOR_INTEL:
		return intel_unaligned(cpu);
	case CPU_VENDOR_AMD:
		return cpu->family >= 0x10 && cpu->family != 0x11;
	case CPU_VENDOR_HYGON:
		return true;
	default:
		return feature_test(set, FEATURE_AVX2);
	}
}

/* AMD, "Speculative Behavior of SWAPGS and Segment Registers", 2019; Hygon's are AMD's first Zen.
 */
static bool swapgs_waits(enum cpu_vendor vendor)
{
	return vendor == CPU_VENDOR_AMD || vendor == CPU_VENDOR_HYGON;
}

void cpu_quirks(const struct cpu_identity *identity, enum cpu_vendor vendor,
		struct feature_set *set)
{
	apply_table(identity, vendor, set);
	if (rep_good(identity, vendor) && feature_test(set, FEATURE_FAST_STRINGS))
		feature_add(set, FEATURE_REP_GOOD);
	if (fast_unaligned(identity, vendor, set))
		feature_add(set, FEATURE_FAST_UNALIGNED);
	if (swapgs_waits(vendor))
		feature_add(set, FEATURE_SWAPGS_WAITS);
}
