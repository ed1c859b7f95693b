/* SPDX-License-Identifier: MIT */
/* The choice of the user-copy variant. PURE. Evidence: here, and docs/copy-policy.md. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/cpu_policy.h>

enum {
	REFERENCE,
	ALIGNED,
	UNALIGNED,
	MOVSQ,
	ERMS,
	FSRM,
	GUARDED,
	OVERLAP,
	SSE,
	STREAMING,
	MASKED,
	NR_CHOICES
};

/* An early microcode start costs some 35 cycles: where rep movsb meets the unaligned loop on
 * Rocket Lake with a misaligned destination. Intel Optimization Reference Manual, "Enhanced REP
 * MOVSB and STOSB Operation (ERMSB)". */
#define REP_PAYS_FROM 512
/* Where rep movsq meets the loops between places alike modulo 8, its start paid: measured on
 * Sapphire Rapids only, docs/copy-policy.md, "Quads". */
#define QUADS_PAY_FROM 640
/* Beyond a share of the last-level cache of the largest servers: docs/copy-policy.md. */
#define STREAM_PAYS_FROM MIB(32)

static const struct {
	const char *name;
	int feature;
	struct copy_thresholds thresholds;
	u16 needs[3]; /* 0: nothing; the first feature of the list is FPU, which all have */
} variants[NR_CHOICES] = {
	[REFERENCE] = { "reference", -1, { 0 }, { 0 } },
	[ALIGNED] = { "aligned", FEATURE_COPY_ALIGNED, { QUADS_PAY_FROM, 0, 0 }, { 0 } },
	[UNALIGNED] = { "unaligned",
			FEATURE_COPY_UNALIGNED,
			{ QUADS_PAY_FROM, 0, QUADS_PAY_FROM },
			{ 0 } },
	[MOVSQ] = { "movsq", FEATURE_COPY_MOVSQ, { 0 }, { 0 } },
	[ERMS] = { "erms", FEATURE_COPY_ERMS, { REP_PAYS_FROM, 0, REP_PAYS_FROM }, { 0 } },
	[FSRM] = { "fsrm", FEATURE_COPY_FSRM, { 0 }, { 0 } },
	[GUARDED] = { "guarded", FEATURE_COPY_GUARDED, { 0 }, { 0 } },
	[OVERLAP] = { "overlap", FEATURE_COPY_OVERLAP, { REP_PAYS_FROM, 0, REP_PAYS_FROM }, { 0 } },
	[SSE] = { "sse", FEATURE_COPY_SSE, { REP_PAYS_FROM, 0, REP_PAYS_FROM }, { 0 } },
	[STREAMING] = { "streaming", FEATURE_COPY_STREAMING, { 0, STREAM_PAYS_FROM, 0 }, { 0 } },
	[MASKED] = { "masked",
		     FEATURE_COPY_MASKED,
		     { 4096, 0, 4096 },
		     { FEATURE_AVX512BW, FEATURE_AVX512_VBMI2, FEATURE_BMI2 } },
};

static struct copy_choice choose(int variant, const char *why)
{
	return (struct copy_choice){ variants[variant].name, why, variants[variant].feature,
				     variants[variant].thresholds };
}

static int lacks(const struct feature_set *set, int variant)
{
	for (size_t i = 0; i < ARRAY_SIZE(variants[variant].needs); i++) {
		unsigned needed = variants[variant].needs[i];

		if (needed && !feature_test(set, needed))
			return (int)needed;
	}
	return -1;
}

int copy_variant_lacks(const struct feature_set *set, int feature)
{
	for (int i = 0; i < NR_CHOICES; i++)
		if (variants[i].feature == feature)
			return lacks(set, i);
	return -1;
}

static struct copy_choice choose_by_features(const struct feature_set *set)
{
	bool cliff = feature_test(set, FEATURE_REP_MOVS_CLIFF);

	/*
	 * Measured: the one variant that beats bare rep movsb both on one size again and again and
	 * on random sizes, for it has no branch to mispredict. FSRM stands for the second
	 * generation of AVX-512, Ice Lake and Zen 4 on: the first, Skylake-SP, lowers its clock for
	 * 512 bits (Intel Optimization Reference Manual, "Skylake Server Microarchitecture",
	 * frequency).
	 */
	if (feature_test(set, FEATURE_FSRM) && lacks(set, MASKED) < 0)
		return choose(MASKED, "AVX-512 masked moves: no branch on short sizes");
	/*
	 * Zen 2-4: a destination 1..31 bytes above the source modulo 4096 makes rep movs go byte
	 * by byte (glibc bug 30994; up to 37 times slower at 4 KiB on Zen 4), and neither the
	 * flag nor the length tells. Everywhere else it is as fast as FSRM says.
	 */
	if (cliff && feature_test(set, FEATURE_FSRM))
		return choose(GUARDED, "FSRM: rep movsb, but it has a cliff here");
	if (cliff && feature_test(set, FEATURE_FAST_UNALIGNED))
		return choose(UNALIGNED, "rep movsb has a cliff here");
	/* Intel Optimization Reference Manual, "Fast Short REP MOVSB": 1..128 bytes, too. */
	if (!cliff && feature_test(set, FEATURE_FSRM))
		return choose(FSRM, "FSRM: rep movsb is fast at every size");
	/* The same, "Enhanced REP MOVSB and STOSB Operation": best from some 128 bytes on. */
	if (!cliff && feature_test(set, FEATURE_ERMS))
		return choose(ERMS, "ERMS: rep movsb is fast for long copies");
	/*
	 * rep movsq costs tens of cycles to start, and most user copies are short; the long ones
	 * win by it (Linux 6.6: +14 % on 4 KiB reads) where both sides can be aligned.
	 */
	if (feature_test(set, FEATURE_FAST_UNALIGNED))
		return choose(UNALIGNED, "no ERMS, fast misaligned access");
	/*
	 * AMD, Software Optimization Guide for AMD64 Processors, "Natural Alignment of Data
	 * Objects"; fast strings of that age want an aligned destination themselves (SDM volume 1,
	 * "Fast-String Operation"), which rep movsq alone does not provide.
	 */
	return choose(ALIGNED, "misaligned access is slow or unknown");
}

bool copy_policy_asks(unsigned feature)
{
	for (int i = 0; i < NR_CHOICES; i++)
		for (size_t k = 0; k < ARRAY_SIZE(variants[i].needs); k++)
			if (feature && feature == variants[i].needs[k])
				return true;
	return feature == FEATURE_REP_MOVS_CLIFF || feature == FEATURE_FAST_UNALIGNED ||
	       feature == FEATURE_FSRM || feature == FEATURE_ERMS;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static int refuse_unknown(const char *name, char *error, size_t error_bytes)
{
	size_t used = (size_t)format(
		error, error_bytes, "copy=%.32s: no such variant; there are auto, calibrate", name);

	for (int i = 0; i < NR_CHOICES && used < error_bytes; i++)
		used += (size_t)format(error + used, error_bytes - used, ", %s", variants[i].name);
	return -EINVAL;
}

static int choose_named(const struct feature_set *set, int variant, struct copy_choice *choice,
			char *error, size_t error_bytes)
{
	int lacking = lacks(set, variant);

	*choice = choose(variant, "copy= on the command line");
	if (lacking < 0)
		return 0;
	format(error, error_bytes, "copy=%s: it needs %s, which is not there or was taken away",
	       variants[variant].name, feature_name((unsigned)lacking));
	return -EINVAL;
}

int copy_policy(const struct feature_set *set, const char *name, struct copy_choice *choice,
		char *error, size_t error_bytes)
{
	if (!name || !*name || same(name, "auto") || same(name, "calibrate") ||
	    same(name, "calibrate-anyway")) {
		*choice = choose_by_features(set);
		return 0;
	}
	for (int i = 0; i < NR_CHOICES; i++)
		if (same(name, variants[i].name))
			return choose_named(set, i, choice, error, error_bytes);
	return refuse_unknown(name, error, error_bytes);
}

void copy_policy_apply(const struct copy_choice *choice, struct feature_set *set)
{
	for (int i = 0; i < NR_CHOICES; i++)
		if (variants[i].feature >= 0)
			feature_remove(set, (unsigned)variants[i].feature);
	if (choice->feature >= 0)
		feature_add(set, (unsigned)choice->feature);
}
