/* SPDX-License-Identifier: MIT */
/* x86/cpu_policy.h: which processor gets which copy variant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <x86/cpu_policy.h>

#include "cpuid_files.h"

static struct cpuid_file file;
static struct cpu_facts facts;
static char error[256];

static struct copy_choice choose(const char *name)
{
	struct copy_choice choice = { 0 };

	assert_int_equal(copy_policy(&facts.judged, name, &choice, error, sizeof(error)), 0);
	assert_true(choice.why && *choice.why);
	return choice;
}

static const char *chosen_for(const char *cpu)
{
	cpuid_file_named(cpu, &file);
	cpuid_file_judge(&file, &facts);
	return choose(NULL).name;
}

static void each_processor_gets_its_variant(void **state)
{
	assert_string_equal(chosen_for("k8"), "aligned");
	assert_string_equal(chosen_for("prescott"), "aligned");
	assert_string_equal(chosen_for("core2"), "aligned");
	assert_string_equal(chosen_for("nehalem"), "unaligned");
	assert_string_equal(chosen_for("k10"), "unaligned");
	assert_string_equal(chosen_for("ivybridge"), "erms");
	assert_string_equal(chosen_for("haswell"), "erms");
	assert_string_equal(chosen_for("zen1"), "unaligned");
	assert_string_equal(chosen_for("zen2"), "unaligned");
	assert_string_equal(chosen_for("zen4"), "masked"); /* FSRM, but the cliff */
	assert_string_equal(chosen_for("icelake"), "masked");
	assert_string_equal(chosen_for("sapphirerapids"), "masked");
}

static void masks_and_forcing_change_it(void **state)
{
	chosen_for("icelake");
	feature_remove(&facts.judged, FEATURE_BMI2);
	assert_string_equal(choose(NULL).name, "fsrm");
	chosen_for("icelake");
	feature_remove(&facts.judged, FEATURE_AVX512BW);
	assert_string_equal(choose(NULL).name, "fsrm");
	chosen_for("icelake"); /* AVX-512 alone is that of Skylake-SP */
	feature_remove(&facts.judged, FEATURE_FSRM);
	assert_string_equal(choose(NULL).name, "erms");
	feature_remove(&facts.judged, FEATURE_ERMS);
	assert_string_equal(choose(NULL).name, "unaligned");
	feature_remove(&facts.judged, FEATURE_FAST_UNALIGNED);
	assert_string_equal(choose(NULL).name, "aligned");
	feature_add(&facts.judged, FEATURE_REP_MOVS_CLIFF);
	assert_string_equal(choose(NULL).name, "aligned");
	chosen_for("zen4");
	feature_remove(&facts.judged, FEATURE_AVX512BW); /* as Zen 3 */
	assert_string_equal(choose(NULL).name, "guarded");
	assert_non_null(strstr(choose(NULL).why, "cliff"));
	feature_remove(&facts.judged, FEATURE_REP_MOVS_CLIFF);
	assert_string_equal(choose("auto").name, "fsrm");
}

static unsigned copy_bits(void)
{
	unsigned n = 0;

	for (unsigned i = FEATURE_COPY_ALIGNED; i <= FEATURE_COPY_STREAMING; i++)
		n += feature_test(&facts.judged, i);
	return n;
}

static void every_name_is_taken_and_sets_one_bit(void **state)
{
	static const struct {
		const char *name;
		int feature;
	} names[] = {
		{ "aligned", FEATURE_COPY_ALIGNED },
		{ "unaligned", FEATURE_COPY_UNALIGNED },
		{ "movsq", FEATURE_COPY_MOVSQ },
		{ "erms", FEATURE_COPY_ERMS },
		{ "fsrm", FEATURE_COPY_FSRM },
		{ "guarded", FEATURE_COPY_GUARDED },
		{ "overlap", FEATURE_COPY_OVERLAP },
		{ "sse", FEATURE_COPY_SSE },
		{ "masked", FEATURE_COPY_MASKED },
		{ "streaming", FEATURE_COPY_STREAMING },
		{ "reference", -1 },
	};

	chosen_for("icelake");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct copy_choice choice = choose(names[i].name);

		assert_string_equal(choice.name, names[i].name);
		assert_int_equal(choice.feature, names[i].feature);
		copy_policy_apply(&choice, &facts.judged);
		assert_int_equal(copy_bits(), names[i].feature >= 0);
		if (names[i].feature >= 0)
			assert_true(feature_test(&facts.judged, (unsigned)names[i].feature));
	}
}

static void an_unknown_name_lists_the_known(void **state)
{
	struct copy_choice choice;

	chosen_for("k8");
	assert_int_equal(copy_policy(&facts.judged, "fast", &choice, error, sizeof(error)),
			 -EINVAL);
	assert_non_null(strstr(error, "copy=fast"));
	assert_non_null(strstr(error, "auto"));
	for (const char *const *name =
		     (const char *const[]){ "reference", "aligned", "unaligned", "movsq", "erms",
					    "fsrm", "guarded", "overlap", "sse", "streaming",
					    "masked", NULL };
	     *name; name++)
		assert_non_null(strstr(error, *name));
	assert_int_equal(copy_policy(&facts.judged, "FSRM", &choice, error, sizeof(error)),
			 -EINVAL);
	assert_string_equal(choose("").name, "aligned");
}

/* What a variant needs is asked of a forced one, too: its first instruction would fault. */
static void a_variant_without_its_instructions_is_refused(void **state)
{
	struct copy_choice choice;

	chosen_for("haswell");
	assert_int_equal(copy_policy(&facts.judged, "masked", &choice, error, sizeof(error)),
			 -EINVAL);
	assert_non_null(strstr(error, "copy=masked"));
	assert_non_null(strstr(error, "AVX512BW"));
	assert_int_equal(copy_variant_lacks(&facts.judged, FEATURE_COPY_MASKED), FEATURE_AVX512BW);
	assert_int_equal(copy_variant_lacks(&facts.judged, FEATURE_COPY_SSE), -1);
	assert_int_equal(copy_variant_lacks(&facts.judged, -1), -1);
	chosen_for("icelake");
	assert_int_equal(copy_variant_lacks(&facts.judged, FEATURE_COPY_MASKED), -1);
	feature_remove(&facts.judged, FEATURE_BMI2);
	assert_int_equal(copy_variant_lacks(&facts.judged, FEATURE_COPY_MASKED), FEATURE_BMI2);
	feature_add(&facts.judged, FEATURE_BMI2);
	feature_remove(&facts.judged, FEATURE_AVX512_VBMI2);
	assert_int_equal(copy_variant_lacks(&facts.judged, FEATURE_COPY_MASKED),
			 FEATURE_AVX512_VBMI2);
	assert_true(copy_policy_asks(FEATURE_AVX512BW) && copy_policy_asks(FEATURE_BMI2));
	assert_true(copy_policy_asks(FEATURE_AVX512_VBMI2));
	assert_false(copy_policy_asks(FEATURE_FPU) || copy_policy_asks(FEATURE_AVX2));
}

/* Added to a length, a threshold's constant carries from the threshold on. */
static bool reaches(u64 constant, u64 bytes)
{
	return bytes + constant < bytes;
}

static void thresholds_become_constants(void **state)
{
	const struct copy_choice choice = { .thresholds = { 4096, 0, 512 } };
	u64 constants[NR_ALT_CONSTANTS];

	cpu_constants(&choice, constants);
	assert_false(reaches(constants[ALT_CONSTANT_COPY_REP_FROM], 4095));
	assert_true(reaches(constants[ALT_CONSTANT_COPY_REP_FROM], 4096));
	assert_false(reaches(constants[ALT_CONSTANT_COPY_STREAM_FROM], UINT64_MAX));
	assert_false(reaches(constants[ALT_CONSTANT_CLEAR_REP_FROM], 511));
	assert_true(reaches(constants[ALT_CONSTANT_CLEAR_REP_FROM], 512));
	assert_int_equal(constants[ALT_CONSTANT_USER_LIMIT] -
				 constants[ALT_CONSTANT_USER_LIMIT_SHORT],
			 PAGE_BYTES);
}

/* A threshold for the loops of rules 6 and 7: quads by string instructions, both ways. */
static void long_copies_without_erms_go_by_quads(void **state)
{
	chosen_for("k8");
	assert_int_equal(choose(NULL).thresholds.copy_rep, 640);
	assert_int_equal(choose(NULL).thresholds.clear_rep, 0); /* clear_user_stosq at every size */
	chosen_for("zen1");
	assert_int_equal(choose(NULL).thresholds.copy_rep, 640);
	assert_int_equal(choose(NULL).thresholds.clear_rep, 640);
}

static void visit(const char *path, const struct cpuid_file *dump)
{
	struct copy_choice choice;

	cpuid_file_judge(dump, &facts);
	choice = choose(NULL);
	if (feature_test(&facts.judged, FEATURE_REP_MOVS_CLIFF) &&
	    (choice.feature == FEATURE_COPY_FSRM || choice.feature == FEATURE_COPY_ERMS))
		fail_msg("%s: rep movsb in spite of the cliff", path);
	copy_policy_apply(&choice, &facts.judged);
	assert_int_equal(copy_bits(), 1);
}

static void real_dumps(void **state)
{
	cpuid_files_each(visit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_processor_gets_its_variant),
		cmocka_unit_test(masks_and_forcing_change_it),
		cmocka_unit_test(every_name_is_taken_and_sets_one_bit),
		cmocka_unit_test(an_unknown_name_lists_the_known),
		cmocka_unit_test(a_variant_without_its_instructions_is_refused),
		cmocka_unit_test(thresholds_become_constants),
		cmocka_unit_test(long_copies_without_erms_go_by_quads),
		cmocka_unit_test(real_dumps),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
