/* SPDX-License-Identifier: MIT */
/* cpu_list_apply: the command line's cpu= list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "cpuid_files.h"

static struct cpuid_file file;
static struct cpu_facts facts;
static struct feature_set before;
static char error[256];

static int apply(const char *cpu, const char *list)
{
	const struct cpu_controls controls = { .xcr0 = ~UINT64_C(0) };

	cpuid_file_named(cpu, &file);
	cpu_judge(file.rows, file.n, &controls, &facts);
	before = facts.judged;
	error[0] = '\0';
	return cpu_list_apply(list, &facts.judged, error, sizeof(error));
}

static bool has(unsigned feature)
{
	return feature_test(&facts.judged, feature);
}

static void refused(const char *cpu, const char *list, const char *word, const char *says)
{
	assert_int_equal(apply(cpu, list), -EINVAL);
	if (!strstr(error, word) || !strstr(error, says))
		fail_msg("\"%s\" names neither %s nor \"%s\"", error, word, says);
	assert_memory_equal(&facts.judged, &before, sizeof(before));
}

static void nothing_changes_nothing(void **state)
{
	assert_int_equal(apply("haswell", NULL), 0);
	assert_memory_equal(&facts.judged, &before, sizeof(before));
	assert_int_equal(apply("haswell", ""), 0);
	assert_memory_equal(&facts.judged, &before, sizeof(before));
}

static void taking_and_adding_in_either_case(void **state)
{
	assert_int_equal(apply("icelake", "-smap,-Fsrm,-UMIP"), 0);
	assert_false(has(FEATURE_SMAP) || has(FEATURE_FSRM) || has(FEATURE_UMIP));
	assert_true(has(FEATURE_SMEP) && has(FEATURE_ERMS));
	assert_int_equal(apply("nehalem", "+erms,+fsrm,+rep_movs_cliff"), 0);
	assert_true(has(FEATURE_ERMS) && has(FEATURE_FSRM) && has(FEATURE_REP_MOVS_CLIFF));
	assert_int_equal(apply("haswell", "+erms"), 0);
	assert_memory_equal(&facts.judged, &before, sizeof(before));
}

static void what_builds_on_it_goes_too(void **state)
{
	assert_int_equal(apply("sapphirerapids", "-xsave"), 0);
	assert_false(has(FEATURE_XSAVEOPT) || has(FEATURE_XSAVES) || has(FEATURE_AVX));
	assert_false(has(FEATURE_AVX512_FP16) || has(FEATURE_VAES) || has(FEATURE_AMX_INT8));
	assert_true(has(FEATURE_SSE4_2) && has(FEATURE_BMI2) && has(FEATURE_ERMS));
	assert_int_equal(apply("sapphirerapids", "-fast_strings"), 0);
	assert_false(has(FEATURE_ERMS) || has(FEATURE_FSRM) || has(FEATURE_REP_GOOD));
	assert_int_equal(apply("sapphirerapids", "-ssse3"), 0);
	assert_false(has(FEATURE_SSE4_1) || has(FEATURE_SSE4_2));
}

static void the_later_word_wins(void **state)
{
	assert_int_equal(apply("haswell", "-smep,+smep"), 0);
	assert_true(has(FEATURE_SMEP));
	assert_int_equal(apply("haswell", "+fsrm,-fsrm"), 0);
	assert_false(has(FEATURE_FSRM));
	assert_int_equal(apply("haswell", "-xsave,+xsave,+avx"), 0);
	assert_true(has(FEATURE_AVX) && !has(FEATURE_AVX2));
}

static void what_would_fault_is_refused(void **state)
{
	refused("ivybridge", "+smap", "+smap", "lacks it");
	refused("nehalem", "+erms,+fsgsbase", "+fsgsbase", "lacks it");
	refused("nehalem", "+avx2", "+avx2", "lacks it");
	refused("haswell", "-xsave,+avx", "+avx", "needs XSAVE");
	refused("haswell", "-fast_strings,+erms", "+erms", "needs FAST_STRINGS");
}

static void what_the_kernel_needs_stays(void **state)
{
	refused("haswell", "-lm", "-lm", "cannot run without LM");
	refused("haswell", "-nx", "-nx", "NX");
	refused("haswell", "-smep,-pae", "-pae", "cannot run without");
	refused("haswell", "-fxsr", "-fxsr", "FXSR");
	refused("haswell", "-fpu", "-fpu", "FPU");
}

static void bad_words_are_named(void **state)
{
	refused("haswell", "smap", "smap", "+FEATURE or -FEATURE");
	refused("haswell", "-smep,", "cpu=:", "+FEATURE or -FEATURE");
	refused("haswell", ",-smep", "cpu=:", "+FEATURE or -FEATURE");
	refused("haswell", "+", "+", "+FEATURE or -FEATURE");
	refused("haswell", "-smpa", "-smpa", "did you mean SMAP?");
	refused("haswell", "+ermsb", "+ermsb", "did you mean ERMS?");
	refused("haswell", "-sse4.2", "-sse4.2", "did you mean SSE4_2?");
	refused("haswell", "-quantum_entanglement", "-quantum", "features.def");
	refused("haswell", "-smap ", "-smap ", "did you mean SMAP?");
	refused("haswell", "+copy_erms", "+copy_erms", "copy=NAME");
	refused("haswell", "-copy_fsrm", "-copy_fsrm", "copy=NAME");
}

static void long_words_do_no_harm(void **state)
{
	static char list[5000];

	memset(list, 'a', sizeof(list) - 1);
	list[0] = '-';
	refused("haswell", list, "-aaaa", "features.def");
	assert_true(strlen(error) < sizeof(error) - 1);
	assert_int_equal(cpu_list_apply("-nosuch", &facts.judged, error, 4), -EINVAL);
	assert_string_equal(error, "cpu");
	assert_int_equal(cpu_list_apply("-nosuch", &facts.judged, error, 0), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changes_nothing),
		cmocka_unit_test(taking_and_adding_in_either_case),
		cmocka_unit_test(what_builds_on_it_goes_too),
		cmocka_unit_test(the_later_word_wins),
		cmocka_unit_test(what_would_fault_is_refused),
		cmocka_unit_test(what_the_kernel_needs_stays),
		cmocka_unit_test(bad_words_are_named),
		cmocka_unit_test(long_words_do_no_harm),
	};

	return cmocka_run_group_tests_name("cpu_list", tests, NULL, NULL);
}
