/* SPDX-License-Identifier: MIT */
/* The native harness: the copies patched in this very process, and faults that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include <arch/text.h>
#include <arch/uaccess.h>
#include <native.h>

/* Whether the function opens user memory in its first bytes. */
static bool has_stac(const void *code)
{
	static const u8 stac[] = { 0x0f, 0x01, 0xcb };

	for (const u8 *at = code; at < (const u8 *)code + 16; at++)
		if (!memcmp(at, stac, sizeof(stac)))
			return true;
	return false;
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}

/* Two readable and writable pages before one without any right. */
static u8 *guarded_end(void)
{
	u8 *start = mmap(NULL, 3 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);

	assert_true(start != MAP_FAILED);
	assert_int_equal(mprotect(start + 2 * PAGE_BYTES, PAGE_BYTES, PROT_NONE), 0);
	return start + 2 * PAGE_BYTES;
}

static struct native_patched patch_with(int feature)
{
	const struct copy_choice choice = { .thresholds = { 512, 4096, 512 } };
	u64 constants[NR_ALT_CONSTANTS];
	struct feature_set set = { 0 };
	struct native_patched patched;
	const char *wrong;

	if (feature >= 0)
		feature_add(&set, (unsigned)feature);
	cpu_constants(&choice, constants);
	wrong = native_patch(&set, constants, &patched);
	if (wrong)
		fail_msg("%s", wrong);
	return patched;
}

/* Whether copy_from_user has a direct call to `function`. */
static bool copy_from_user_calls(const void *function)
{
	const u8 *code = (const u8 *)(const void *)copy_from_user;
	const u8 *end = (const u8 *)(const void *)clear_user;
	struct text_insn insn;
	s32 displacement;

	assert_true(code < end); /* they stand in this order in copy_user.asm */
	for (; code < end; code += insn.bytes) {
		assert_int_equal(text_insn_decode(&insn, code, 15), 0);
		if (code[0] != 0xe8)
			continue;
		memcpy(&displacement, code + 1, sizeof(displacement));
		if (code + insn.bytes + displacement == (const u8 *)function)
			return true;
	}
	return false;
}

/* All but fsrm, which stands in place of the call. */
static void every_choice_reaches_its_variant(void **state)
{
	for (size_t v = 0; v < nr_copy_variants; v++) {
		struct native_patched patched = patch_with(copy_variants[v].feature);

		for (size_t w = 0; w < nr_copy_variants; w++)
			assert_int_equal(copy_from_user_calls((const void *)copy_variants[w].copy),
					 v == w && copy_variants[v].feature != FEATURE_COPY_FSRM);
		assert_true(patched.sites > 10);
		assert_true(patched.extable.entries > 50);
	}
}

static void sites_go_back_to_their_default(void **state)
{
	patch_with(FEATURE_SMAP);
	assert_true(has_stac((const void *)copy_variants[0].copy));
	patch_with(-1);
	assert_false(has_stac((const void *)copy_variants[0].copy));
}

static void detects_without_smap(void **state)
{
	struct native_cpu cpu;
	char error[256];

	assert_int_equal(native_detect(&cpu, NULL, error, sizeof(error)), 0);
	assert_false(feature_test(&cpu.features, FEATURE_SMAP));
	assert_true(feature_test(&cpu.features, FEATURE_SSE2));
	if (cpu.choice.feature >= 0)
		assert_true(feature_test(&cpu.features, (unsigned)cpu.choice.feature));
	assert_int_not_equal(native_detect(&cpu, "nonsense", error, sizeof(error)), 0);
}

static void text_is_not_left_writable(void **state)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], rights[8] = "";
	unsigned long start, stop, at;

	patch_with(-1);
	assert_non_null(maps);
	at = (unsigned long)(const void *)copy_from_user;
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &start, &stop, rights) == 3 && start <= at &&
		    at < stop)
			break;
	fclose(maps);
	assert_string_equal(rights, "r-xp");
}

static void faults_come_back(void **state)
{
	u8 *end = guarded_end(), to[128];
	u64 before;

	patch_with(-1);
	native_catch_faults();
	for (size_t v = 0; v < nr_copy_variants; v++) {
		if (copy_variants[v].feature == FEATURE_COPY_MASKED && !has_avx512())
			continue;
		before = native_faults.page;
		assert_int_equal(copy_variants[v].copy(to, end - 37, 100), 63);
		assert_int_equal(copy_variants[v].copy(end - 37, to, 100), 63);
		assert_true(native_faults.page >= before + 2);
		before = native_faults.general;
		assert_int_equal(copy_variants[v].copy(to, (void *)(UINT64_C(1) << 63), 9), 9);
		assert_true(native_faults.general > before);
	}
	for (size_t v = 0; v < nr_clear_variants; v++)
		if (strcmp(clear_variants[v].name, "masked") || has_avx512())
			assert_int_equal(clear_variants[v].clear(end - 37, 100), 63);
}

static void the_default_copies_and_zeroes(void **state)
{
	u8 *end = guarded_end(), to[100], expected[100] = { 0 };
	struct native_patched patched;
	struct native_cpu cpu;
	char error[256];

	assert_int_equal(native_detect(&cpu, NULL, error, sizeof(error)), 0);
	assert_null(native_patch(&cpu.features, cpu.constants, &patched));
	native_catch_faults();
	memset(expected, 0x5a, 37);
	memset(end - 37, 0x5a, 37);
	memset(to, 0xff, sizeof(to));
	assert_int_equal(copy_from_user(to, end - 37, sizeof(to)), 63);
	assert_memory_equal(to, expected, sizeof(to));
	assert_int_equal(clear_user(end - 37, 100), 63);
	assert_int_equal(end[-1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_choice_reaches_its_variant),
		cmocka_unit_test(sites_go_back_to_their_default),
		cmocka_unit_test(detects_without_smap),
		cmocka_unit_test(text_is_not_left_writable),
		cmocka_unit_test(faults_come_back),
		cmocka_unit_test(the_default_copies_and_zeroes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
