/* SPDX-License-Identifier: MIT */
/* x86/cpu_features.h and x86/cpuid_table.h: identity, raw bits, verdicts, the walk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cpuid_files.h"

static struct cpuid_file file;
static struct cpu_facts facts;

static bool has(unsigned feature)
{
	return feature_test(&facts.judged, feature);
}

static bool raw(unsigned feature)
{
	return feature_test(&facts.raw, feature);
}

static void judge_named(const char *name)
{
	cpuid_file_named(name, &file);
	cpuid_file_judge(&file, &facts);
}

static struct cpuid_row *row_of(u32 leaf, u32 subleaf)
{
	struct cpuid_row *row = (struct cpuid_row *)cpuid_find(file.rows, file.n, leaf, subleaf);

	assert_non_null(row);
	return row;
}

static void names_are_unique_and_found(void **state)
{
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		const char *name = feature_name(i);
		char lower[64] = { 0 };

		assert_non_null(feature_text(i));
		for (size_t k = 0; name[k]; k++)
			lower[k] =
				(char)(name[k] >= 'A' && name[k] <= 'Z' ? name[k] + 32 : name[k]);
		assert_int_equal(feature_by_name(name, strlen(name)), i);
		assert_int_equal(feature_by_name(lower, strlen(lower)), i);
		assert_int_equal(feature_by_name(name, strlen(name) - 1) == (int)i, 0);
	}
	assert_null(feature_name(NR_FEATURES));
	assert_null(feature_text(NR_FEATURES));
	assert_int_equal(feature_by_name("", 0), -1);
	assert_int_equal(feature_by_name("SMAPX", 5), -1);
	assert_int_equal(feature_by_name("SMAPX", 4), FEATURE_SMAP);
}

static void no_two_features_share_a_bit(void **state)
{
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		struct feature_place a = feature_place(i);

		for (unsigned k = i + 1; a.leaf != CPUID_NOWHERE && k < NR_FEATURES; k++) {
			struct feature_place b = feature_place(k);

			assert_false(a.leaf == b.leaf && a.subleaf == b.subleaf && a.reg == b.reg &&
				     a.bit == b.bit);
		}
		if (a.leaf != CPUID_NOWHERE)
			assert_in_range(a.bit, 0, 31);
	}
}

struct known {
	const char *file, *brand;
	enum cpu_vendor vendor;
	u32 family, model, stepping;
};

static void identity_by_the_extended_rules(void **state)
{
	static const struct known known[] = {
		{ "k8", "AMD Athlon(tm) 64 Processor 3200+", CPU_VENDOR_AMD, 15, 4, 10 },
		{ "prescott", "Intel(R) Pentium(R) 4 CPU 3.00GHz", CPU_VENDOR_INTEL, 15, 4, 10 },
		{ "core2", "Intel(R) Core(TM)2 Duo CPU     E6550  @ 2.33GHz", CPU_VENDOR_INTEL, 6,
		  15, 11 },
		{ "ivybridge", "Intel(R) Core(TM) i7-3770 CPU @ 3.40GHz", CPU_VENDOR_INTEL, 6, 0x3a,
		  9 },
		{ "k10", "AMD Phenom(tm) II X2 550 Processor", CPU_VENDOR_AMD, 0x10, 4, 2 },
		{ "zen4", "AMD Ryzen 9 7950X 16-Core Processor", CPU_VENDOR_AMD, 0x19, 0x61, 2 },
		{ "sapphirerapids", "Intel(R) Xeon(R) Platinum 8480+", CPU_VENDOR_INTEL, 6, 0x8f,
		  8 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		judge_named(known[i].file);
		assert_string_equal(facts.identity.brand, known[i].brand);
		assert_int_equal(facts.vendor, known[i].vendor);
		assert_int_equal(facts.identity.family, known[i].family);
		assert_int_equal(facts.identity.model, known[i].model);
		assert_int_equal(facts.identity.stepping, known[i].stepping);
	}
}

static void vendors_by_name(void **state)
{
	struct cpu_identity cpu = { .vendor = "  Shanghai  " };

	assert_int_equal(cpu_vendor_of(&cpu), CPU_VENDOR_ZHAOXIN);
	strcpy(cpu.vendor, "HygonGenuine");
	assert_int_equal(cpu_vendor_of(&cpu), CPU_VENDOR_HYGON);
	strcpy(cpu.vendor, "CentaurHauls");
	assert_int_equal(cpu_vendor_of(&cpu), CPU_VENDOR_CENTAUR);
	strcpy(cpu.vendor, "GenuineIntex");
	assert_int_equal(cpu_vendor_of(&cpu), CPU_VENDOR_OTHER);
}

static void each_processor_has_what_it_is_known_for(void **state)
{
	judge_named("k8");
	assert_true(has(FEATURE_LM) && has(FEATURE_NX) && has(FEATURE_SYSCALL));
	assert_false(has(FEATURE_SSE3) || has(FEATURE_ERMS) || has(FEATURE_FAST_UNALIGNED));
	assert_true(has(FEATURE_REP_GOOD)); /* stepping C0 and later */
	judge_named("nehalem");
	assert_true(has(FEATURE_POPCNT) && has(FEATURE_FAST_UNALIGNED) && has(FEATURE_REP_GOOD));
	assert_false(has(FEATURE_ERMS) || has(FEATURE_XSAVE) || has(FEATURE_SMEP));
	judge_named("ivybridge");
	assert_true(has(FEATURE_ERMS) && has(FEATURE_SMEP) && has(FEATURE_AVX));
	assert_false(has(FEATURE_SMAP) || has(FEATURE_AVX2) || has(FEATURE_FSRM));
	judge_named("haswell");
	assert_true(has(FEATURE_AVX2) && has(FEATURE_INVPCID) && has(FEATURE_FSGSBASE));
	judge_named("zen2");
	assert_true(has(FEATURE_SMAP) && has(FEATURE_UMIP) && has(FEATURE_REP_MOVS_CLIFF));
	assert_true(has(FEATURE_SWAPGS_WAITS));
	assert_false(has(FEATURE_ERMS) || has(FEATURE_FSRM));
	judge_named("zen4");
	assert_true(has(FEATURE_FSRM) && has(FEATURE_ERMS) && has(FEATURE_REP_MOVS_CLIFF));
	judge_named("icelake");
	assert_true(has(FEATURE_FSRM) && has(FEATURE_SMAP));
	assert_false(has(FEATURE_REP_MOVS_CLIFF) || has(FEATURE_FZRM) || has(FEATURE_SWAPGS_WAITS));
	judge_named("sapphirerapids");
	assert_true(has(FEATURE_FZRM) && has(FEATURE_FSRS) && has(FEATURE_SERIALIZE));
}

static void vendor_bits_join(void **state)
{
	judge_named("zen4");
	assert_true(has(FEATURE_IBRS) && has(FEATURE_IBPB) && has(FEATURE_STIBP));
	assert_true(has(FEATURE_SSBD) && !raw(FEATURE_SSBD) && !raw(FEATURE_SPEC_CTRL));
	judge_named("icelake");
	assert_true(has(FEATURE_IBRS) && has(FEATURE_IBPB));
	judge_named("haswell");
	assert_false(has(FEATURE_IBRS) || has(FEATURE_IBPB));
	/* Intel shows SYSCALL in 64-bit mode only; a table read in 32-bit mode lacks it. */
	row_of(0x80000001, 0)->edx &= ~(1u << 11);
	cpuid_file_judge(&file, &facts);
	assert_true(has(FEATURE_SYSCALL) && !raw(FEATURE_SYSCALL));
	/* Zen 5 shows fast short rep stosb in AMD's own leaf. */
	judge_named("zen4");
	row_of(0x80000021, 0)->eax |= 1 << 10;
	cpuid_file_judge(&file, &facts);
	assert_true(has(FEATURE_FSRS) && !raw(FEATURE_FSRS) && !has(FEATURE_FSRC));
}

static void avx_needs_xsave_and_its_state(void **state)
{
	struct cpu_controls controls = { .xcr0 = XSTATE_X87 | XSTATE_SSE | XSTATE_AVX };

	judge_named("icelake");
	assert_true(has(FEATURE_AVX512F) && has(FEATURE_AVX512BW) && has(FEATURE_AVX512_VBMI));
	cpu_judge(file.rows, file.n, &controls, &facts);
	assert_true(has(FEATURE_AVX2) && raw(FEATURE_AVX512F));
	assert_false(has(FEATURE_AVX512F) || has(FEATURE_AVX512_VBMI)); /* not turned on */
	controls.xcr0 = ~UINT64_C(0);
	row_of(0xd, 0)->eax &= ~0x80u; /* one of the three AVX-512 components */
	cpu_judge(file.rows, file.n, &controls, &facts);
	assert_true(!has(FEATURE_AVX512F) && !has(FEATURE_AVX512_VBMI) && has(FEATURE_AVX2));
	row_of(0xd, 0)->eax &= ~0x4u;
	cpu_judge(file.rows, file.n, &controls, &facts);
	assert_true(!has(FEATURE_AVX) && !has(FEATURE_AVX2) && !has(FEATURE_VAES));
	assert_true(has(FEATURE_XSAVE) && has(FEATURE_XSAVES) && raw(FEATURE_AVX2));
	judge_named("haswell");
	row_of(1, 0)->ecx &= ~(1u << 26);
	cpuid_file_judge(&file, &facts);
	assert_true(!has(FEATURE_XSAVEOPT) && !has(FEATURE_AVX) && !has(FEATURE_FMA));
	assert_true(has(FEATURE_BMI1) && has(FEATURE_SSE4_2));
}

static void fast_strings_can_be_off_on_intel(void **state)
{
	struct cpu_controls controls = { CPU_XCR0_KERNEL, true, 0 };

	judge_named("sapphirerapids");
	cpu_judge(file.rows, file.n, &controls, &facts);
	assert_true(raw(FEATURE_ERMS) && raw(FEATURE_FSRM));
	assert_false(has(FEATURE_FAST_STRINGS) || has(FEATURE_ERMS) || has(FEATURE_FSRM));
	assert_false(has(FEATURE_FZRM) || has(FEATURE_FSRS) || has(FEATURE_REP_GOOD));
	assert_true(has(FEATURE_FAST_UNALIGNED));
	controls.misc_enable_known = false;
	cpu_judge(file.rows, file.n, &controls, &facts);
	assert_true(has(FEATURE_FAST_STRINGS) && has(FEATURE_ERMS) && has(FEATURE_REP_GOOD));
	judge_named("zen4"); /* AMD has no such switch: whatever was read means nothing */
	controls.misc_enable_known = true;
	cpu_judge(file.rows, file.n, &controls, &facts);
	assert_true(has(FEATURE_ERMS));
}

static void leaves_beyond_the_maximum_are_absent(void **state)
{
	judge_named("haswell");
	row_of(0, 0)->eax = 6; /* and leaf 7 still answers, with some other leaf's data */
	cpuid_file_judge(&file, &facts);
	assert_true(raw(FEATURE_ERMS) && !has(FEATURE_ERMS) && !has(FEATURE_SMEP));
	assert_false(has(FEATURE_XSAVEOPT) || has(FEATURE_AVX));
	judge_named("sapphirerapids");
	row_of(7, 0)->eax = 0;
	cpuid_file_judge(&file, &facts);
	assert_true(raw(FEATURE_FZRM) && !has(FEATURE_FZRM) && has(FEATURE_FSRM));
	judge_named("haswell");
	row_of(0x80000000, 0)->eax = 0x80000001;
	cpuid_file_judge(&file, &facts);
	assert_true(has(FEATURE_LM) && !has(FEATURE_INVARIANT_TSC));
	assert_string_equal(facts.identity.brand, "");
	row_of(0x80000000, 0)->eax = 7; /* no extended range: the highest basic leaf's data */
	cpuid_file_judge(&file, &facts);
	assert_false(has(FEATURE_LM) || has(FEATURE_NX) || has(FEATURE_SYSCALL));
}

static void an_empty_table_is_nobody(void **state)
{
	file.n = 0;
	cpuid_file_judge(&file, &facts);
	assert_string_equal(facts.identity.vendor, "");
	assert_int_equal(facts.vendor, CPU_VENDOR_OTHER);
	assert_true(cpu_lacks(&facts.judged) >= 0);
}

static void errata_take_bits_away(void **state)
{
	judge_named("zen2");
	assert_true(raw(FEATURE_XSAVES) && !has(FEATURE_XSAVES) && has(FEATURE_XSAVEC));
	judge_named("k8");
	row_of(0x80000001, 0)->ecx |= 1;
	cpuid_file_judge(&file, &facts);
	assert_true(raw(FEATURE_LAHF_LM) && !has(FEATURE_LAHF_LM));
}

static bool cliff_of(u32 signature)
{
	row_of(1, 0)->eax = signature;
	cpuid_file_judge(&file, &facts);
	return has(FEATURE_REP_MOVS_CLIFF);
}

static void the_cliff_is_zen_2_to_4(void **state)
{
	judge_named("zen4");
	assert_true(cliff_of(0x830f10));  /* Rome */
	assert_true(cliff_of(0x860f01));  /* Renoir */
	assert_true(cliff_of(0x870f10));  /* Matisse */
	assert_true(cliff_of(0x8a0f00));  /* Mendocino */
	assert_true(cliff_of(0xa20f10));  /* Vermeer */
	assert_true(cliff_of(0xaa0f02));  /* Bergamo */
	assert_false(cliff_of(0x800f82)); /* Zen+ */
	assert_false(cliff_of(0x850f00)); /* Zen with a high model */
	assert_false(cliff_of(0xb40f40)); /* Zen 5 */
	assert_false(cliff_of(0x100f42)); /* K10 */
}

static bool unaligned_of(const char *name, u32 signature)
{
	judge_named(name);
	row_of(1, 0)->eax = signature;
	cpuid_file_judge(&file, &facts);
	return has(FEATURE_FAST_UNALIGNED);
}

static void misaligned_access_by_model(void **state)
{
	assert_false(unaligned_of("core2", 0x10676)); /* Penryn */
	assert_false(unaligned_of("core2", 0x106c2)); /* Bonnell */
	assert_false(unaligned_of("core2", 0x106d1)); /* Dunnington */
	assert_false(unaligned_of("core2", 0x30661)); /* Cedarview */
	assert_true(unaligned_of("nehalem", 0x106a5));
	assert_true(unaligned_of("nehalem", 0x30673)); /* Silvermont */
	assert_false(unaligned_of("prescott", 0xf4a));
	assert_false(unaligned_of("k8", 0xf4a));
	assert_false(unaligned_of("k10", 0x200f30)); /* Griffin */
	assert_true(unaligned_of("k10", 0x100f42));
	assert_true(unaligned_of("k10", 0x300f10)); /* Llano */
}

static bool rep_good_of(const char *name, u32 signature)
{
	unaligned_of(name, signature);
	return has(FEATURE_REP_GOOD);
}

static void rep_good_by_model(void **state)
{
	assert_false(rep_good_of("prescott", 0xf4a));
	assert_true(rep_good_of("core2", 0x6fb));
	assert_false(rep_good_of("k8", 0xf47));
	assert_true(rep_good_of("k8", 0xf48));
	assert_false(rep_good_of("k8", 0xf51));
	assert_true(rep_good_of("k8", 0xf58));
	assert_true(rep_good_of("k8", 0x20fc2));
}

static size_t asked;

static void ask_file(void *context, struct cpuid_row *row)
{
	const struct cpuid_row *found = cpuid_find(file.rows, file.n, row->leaf, row->subleaf);

	asked++;
	if (found)
		*row = *found;
}

/* Every row the walk returns that the dump has is the dump's, and the verdict is the same. */
static void walk_file(const char *path)
{
	static struct cpuid_file walked;
	struct cpu_facts again;

	asked = 0;
	walked.n = cpuid_walk(ask_file, NULL, walked.rows, CPUID_MAX_ROWS);
	assert_true(walked.n && asked <= CPUID_MAX_ROWS + 4);
	if (walked.n == CPUID_MAX_ROWS)
		fail_msg("%s: the table is too small", path);
	for (size_t i = 1; i < walked.n; i++)
		assert_ptr_equal(cpuid_find(walked.rows, walked.n, walked.rows[i].leaf,
					    walked.rows[i].subleaf),
				 &walked.rows[i]);
	cpuid_file_judge(&file, &facts);
	cpuid_file_judge(&walked, &again);
	if (memcmp(&facts.judged, &again.judged, sizeof(again.judged)))
		fail_msg("%s: the walk misses a leaf", path);
}

static void the_walk_reads_the_dump_again(void **state)
{
	cpuid_file_named("zen4", &file);
	walk_file("zen4");
	cpuid_file_named("sapphirerapids", &file);
	walk_file("sapphirerapids");
}

static void ask_noise(void *context, struct cpuid_row *row)
{
	row->eax = row->ebx = row->ecx = row->edx = 0xffffffff;
}

static void the_walk_is_bounded(void **state)
{
	static struct cpuid_row rows[CPUID_MAX_ROWS];
	struct cpuid_row few[3];

	assert_in_range(cpuid_walk(ask_noise, NULL, rows, CPUID_MAX_ROWS), 0, CPUID_MAX_ROWS);
	cpuid_file_named("zen4", &file);
	assert_int_equal(cpuid_walk(ask_file, NULL, few, 3), 3);
	assert_int_equal(few[2].leaf, 2);
	assert_int_equal(cpuid_walk(ask_file, NULL, few, 0), 0);
}

static void ask_rich(void *context, struct cpuid_row *row)
{
	*row = (struct cpuid_row){ row->leaf, row->subleaf, 0, 0, 0, 0 };
	switch (row->leaf) {
	case 0:
		row->eax = 0x1f;
		break;
	case 1:
		row->ecx = 1u << 31;
		break;
	case 4: /* three caches */
		row->eax = row->subleaf < 3;
		break;
	case 7:
		row->eax = row->subleaf ? 0 : 2;
		break;
	case 0xb: /* two levels */
		row->ecx = row->subleaf < 2 ? 0x100 : 0;
		break;
	case 0xd: /* 0, 1, 2, 9 by XCR0 and 8 by XSS */
		row->eax = row->subleaf ? 0 : 0x207;
		row->ecx = row->subleaf == 1 ? 0x100 : 0;
		break;
	case 0x40000000:
		row->eax = 0x40000001;
		break;
	case 0x80000000:
		row->eax = 0x8000001d;
		break;
	case 0x8000001d:
		row->eax = row->subleaf < 1;
		break;
	}
}

static void subleaves_as_the_manuals_say(void **state)
{
	static struct cpuid_row rows[CPUID_MAX_ROWS];
	size_t n = cpuid_walk(ask_rich, NULL, rows, CPUID_MAX_ROWS);

	assert_non_null(cpuid_find(rows, n, 4, 3));
	assert_null(cpuid_find(rows, n, 4, 4));
	assert_non_null(cpuid_find(rows, n, 7, 2));
	assert_null(cpuid_find(rows, n, 7, 3));
	assert_non_null(cpuid_find(rows, n, 0xb, 2));
	assert_null(cpuid_find(rows, n, 0xb, 3));
	assert_non_null(cpuid_find(rows, n, 0xd, 1));
	assert_non_null(cpuid_find(rows, n, 0xd, 2));
	assert_null(cpuid_find(rows, n, 0xd, 3));
	assert_non_null(cpuid_find(rows, n, 0xd, 8));
	assert_non_null(cpuid_find(rows, n, 0xd, 9));
	assert_non_null(cpuid_find(rows, n, 0x40000001, 0));
	assert_null(cpuid_find(rows, n, 0x40000002, 0));
	assert_non_null(cpuid_find(rows, n, 0x8000001d, 1));
	assert_null(cpuid_find(rows, n, 0x8000001d, 2));
	assert_null(cpuid_find(rows, n, 0xc0000000, 0));
	assert_null(cpuid_find(rows, n, 0x20, 0));
}

static void visit(const char *path, const struct cpuid_file *dump)
{
	file = *dump;
	cpuid_file_judge(&file, &facts);
	if (!*facts.identity.vendor || facts.identity.family < 6)
		fail_msg("%s: no identity", path);
	assert_true(raw(FEATURE_LM));
	/* "Virtual CPU " translates programs only: no paging, no MSRs. */
	if (cpu_lacks(&facts.judged) >= 0 && strcmp(facts.identity.vendor, "Virtual CPU "))
		fail_msg("%s: lacks %s", path, feature_name((unsigned)cpu_lacks(&facts.judged)));
	walk_file(path);
}

static void real_dumps(void **state)
{
	cpuid_files_each(visit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_unique_and_found),
		cmocka_unit_test(no_two_features_share_a_bit),
		cmocka_unit_test(identity_by_the_extended_rules),
		cmocka_unit_test(vendors_by_name),
		cmocka_unit_test(each_processor_has_what_it_is_known_for),
		cmocka_unit_test(vendor_bits_join),
		cmocka_unit_test(avx_needs_xsave_and_its_state),
		cmocka_unit_test(fast_strings_can_be_off_on_intel),
		cmocka_unit_test(leaves_beyond_the_maximum_are_absent),
		cmocka_unit_test(an_empty_table_is_nobody),
		cmocka_unit_test(errata_take_bits_away),
		cmocka_unit_test(the_cliff_is_zen_2_to_4),
		cmocka_unit_test(misaligned_access_by_model),
		cmocka_unit_test(rep_good_by_model),
		cmocka_unit_test(the_walk_reads_the_dump_again),
		cmocka_unit_test(the_walk_is_bounded),
		cmocka_unit_test(subleaves_as_the_manuals_say),
		cmocka_unit_test(real_dumps),
	};

	return cmocka_run_group_tests_name("features", tests, NULL, NULL);
}
