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
	assert_string_equal(chosen_for("zen4"), "unaligned"); /* FSRM, but the cliff */
	assert_non_null(strstr(choose(NULL).why, "cliff"));
	assert_string_equal(chosen_for("icelake"), "fsrm");
	assert_string_equal(chosen_for("sapphirerapids"), "fsrm");
}

static void masks_and_forcing_change_it(void **state)
{
	chosen_for("icelake");
	feature_remove(&facts.judged, FEATURE_FSRM);
	assert_string_equal(choose(NULL).name, "erms");
	feature_remove(&facts.judged, FEATURE_ERMS);
	assert_string_equal(choose(NULL).name, "unaligned");
	feature_remove(&facts.judged, FEATURE_FAST_UNALIGNED);
	assert_string_equal(choose(NULL).name, "aligned");
	feature_add(&facts.judged, FEATURE_REP_MOVS_CLIFF);
	assert_string_equal(choose(NULL).name, "aligned");
	chosen_for("zen4");
	feature_remove(&facts.judged, FEATURE_REP_MOVS_CLIFF);
	assert_string_equal(choose("auto").name, "fsrm");
}

static unsigned copy_bits(void)
{
	unsigned n = 0;

	for (unsigned i = FEATURE_COPY_ALIGNED; i <= FEATURE_COPY_FSRM; i++)
		n += feature_test(&facts.judged, i);
	return n;
}

static void every_name_is_taken_and_sets_one_bit(void **state)
{
	static const struct {
		const char *name;
		int feature;
	} names[] = {
		{ "aligned", FEATURE_COPY_ALIGNED }, { "unaligned", FEATURE_COPY_UNALIGNED },
		{ "movsq", FEATURE_COPY_MOVSQ },     { "erms", FEATURE_COPY_ERMS },
		{ "fsrm", FEATURE_COPY_FSRM },       { "reference", -1 },
	};

	chosen_for("k8");
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
	for (const char *const *name = (const char *const[]){ "reference", "aligned", "unaligned",
							      "movsq", "erms", "fsrm", NULL };
	     *name; name++)
		assert_non_null(strstr(error, *name));
	assert_int_equal(copy_policy(&facts.judged, "FSRM", &choice, error, sizeof(error)),
			 -EINVAL);
	assert_string_equal(choose("").name, "aligned");
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
		cmocka_unit_test(real_dumps),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
