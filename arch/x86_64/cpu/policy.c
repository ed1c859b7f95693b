/* SPDX-License-Identifier: MIT */
/* The choice of the user-copy variant. PURE. Evidence: here, and docs/copy-policy.md. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/cpu_policy.h>

enum { REFERENCE, ALIGNED, UNALIGNED, MOVSQ, ERMS, FSRM, NR_CHOICES };

static const struct {
	const char *name;
	int feature;
} variants[NR_CHOICES] = {
	[REFERENCE] = { "reference", -1 },
	[ALIGNED] = { "aligned", FEATURE_COPY_ALIGNED },
	[UNALIGNED] = { "unaligned", FEATURE_COPY_UNALIGNED },
	[MOVSQ] = { "movsq", FEATURE_COPY_MOVSQ },
	[ERMS] = { "erms", FEATURE_COPY_ERMS },
	[FSRM] = { "fsrm", FEATURE_COPY_FSRM },
};

static struct copy_choice choose(int variant, const char *why)
{
	return (struct copy_choice){ variants[variant].name, why, variants[variant].feature };
}

static struct copy_choice choose_by_features(const struct feature_set *set)
{
	bool cliff = feature_test(set, FEATURE_REP_MOVS_CLIFF);

	/*
	 * Zen 2-4: a destination 1..31 bytes above the source modulo 4096 makes rep movs go byte
	 * by byte (glibc bug 30994; up to 37 times slower at 4 KiB on Zen 4), and neither the
	 * flag nor the length tells. An unrolled loop has no such place, hence first.
	 */
	if (cliff && feature_test(set, FEATURE_FAST_UNALIGNED))
		return choose(UNALIGNED, "rep movsb has a cliff here");
	/* Intel Optimization Reference Manual, "Fast Short REP MOVSB": 1..128 bytes, too. */
	if (!cliff && feature_test(set, FEATURE_FSRM))
		return choose(FSRM, "FSRM: rep movsb is fast at every size");
	/* The same, "Enhanced REP MOVSB and STOSB Operation": best from some 128 bytes on. */
	if (!cliff && feature_test(set, FEATURE_ERMS))
		return choose(ERMS, "ERMS: rep movsb is fast for long copies");
	/*
	 * rep movsq would win above some 512 bytes here (Linux 6.6: +14 % on 4 KiB reads), but it
	 * costs tens of cycles to start, and most user copies are shorter than that.
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
	return feature == FEATURE_REP_MOVS_CLIFF || feature == FEATURE_FAST_UNALIGNED ||
	       feature == FEATURE_FSRM || feature == FEATURE_ERMS;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

int copy_policy(const struct feature_set *set, const char *name, struct copy_choice *choice,
		char *error, size_t error_bytes)
{
	if (!name || !*name || same(name, "auto")) {
		*choice = choose_by_features(set);
		return 0;
	}
	for (int i = 0; i < NR_CHOICES; i++) {
		if (!same(name, variants[i].name))
			continue;
		*choice = choose(i, "copy= on the command line");
		return 0;
	}
	format(error, error_bytes,
	       "copy=%.32s: no such variant; there are auto, reference, aligned, unaligned, movsq, "
	       "erms, fsrm",
	       name);
	return -EINVAL;
}

void copy_policy_apply(const struct copy_choice *choice, struct feature_set *set)
{
	for (int i = 0; i < NR_CHOICES; i++)
		if (variants[i].feature >= 0)
			feature_remove(set, (unsigned)variants[i].feature);
	if (choice->feature >= 0)
		feature_add(set, (unsigned)choice->feature);
}
