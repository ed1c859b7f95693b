/* SPDX-License-Identifier: MIT */
/* Processors as dumps: reading them, and the same verdict as the rows themselves would give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../tools/whatif/processor.h"
#include "cpuid_files.h"
#include "random.h"

#define TCG_SIGNATURE 0x54474354 /* "TCGT" */

static struct processor processor;
static char error[512];

static void read_text(const char *text, bool good, const char *complaint)
{
	char path[] = "/tmp/quench-dump-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(processor_read(&processor, path, error, sizeof(error)), good);
	unlink(path);
	if (!good && !strstr(error, complaint))
		fail_msg("'%s' does not say '%s'", error, complaint);
}

static void test_reading(void **state)
{
	static const char row[] = "   0x00000000 0x00: eax=0x00000001 ebx=0x1 ecx=0x2 edx=0x3\n";
	char text[256];

	snprintf(text, sizeof(text), "CPU 0:\n%s", row);
	read_text(text, true, "");
	assert_int_equal(processor.nr_rows, 1);
	read_text(row, false, ":1: a row before");
	read_text("CPU 0:\nnonsense\n", false, ":2: ");
	read_text("", false, "no row");
	assert_false(processor_read(&processor, "/nonexistent", error, sizeof(error)));
	assert_non_null(strstr(error, "/nonexistent: No such file"));
	assert_false(processor_read(&processor, "/", error, sizeof(error)));
}

static void test_names(void **state)
{
	processor_read(&processor, "/nonexistent/Some CPU.v2.txt", error, sizeof(error));
	assert_string_equal(processor.name, "Some CPU.v2");
	processor_read(&processor, "plain", error, sizeof(error));
	assert_string_equal(processor.name, "plain");
	processor_read(&processor, ".txt", error, sizeof(error));
	assert_string_equal(processor.name, ".txt");
}

static const char *const lists[] = { NULL, "-smap", "+fsrm", "-fast_strings", "-xsave" };

/* Asking a dump by the kernel's walk gives what the dump itself gives. */
static void agree(const char *path, const struct cpuid_file *file)
{
	const struct cpu_controls controls = {
		.xcr0 = CPU_XCR0_KERNEL,
		.misc_enable_known = true,
		.misc_enable = MISC_ENABLE_FAST_STRINGS,
	};
	static struct cpu_verdict walked, direct;
	char why[512];

	assert_true(processor_read(&processor, path, error, sizeof(error)));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		int status =
			processor_settle(&processor, lists[i], NULL, &walked, error, sizeof(error));

		assert_int_equal(status, cpu_settle(file->rows, file->n, &controls, lists[i], NULL,
						    &direct, why, sizeof(why)));
		if (status) {
			assert_string_equal(error, why);
			continue;
		}
		if (memcmp(&walked.features, &direct.features, sizeof(walked.features)))
			fail_msg("%s: the walk leads to other features", path);
		assert_string_equal(walked.copy.name, direct.copy.name);
	}
}

static void test_the_walk(void **state)
{
	static const char *const names[] = { "core2", "haswell", "icelake", "k8", "zen4" };
	const char *root = getenv("QUENCH_SOURCE_ROOT");
	static struct cpuid_file file;
	char path[4096];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/tests/host/cpuid/%s.txt", root ? root : ".",
			 names[i]);
		cpuid_file_named(names[i], &file);
		agree(path, &file);
	}
	cpuid_files_each(agree);
}

/* A feature the policy does not ask for never changes its choice. */
static void test_what_the_policy_asks(void **state)
{
	u64 seed = 0x1234567;

	for (unsigned round = 0; round < 2000; round++) {
		struct copy_choice before, after;
		struct feature_set set;

		for (size_t i = 0; i < FEATURE_WORDS; i++)
			set.word[i] = random_next(&seed);
		copy_policy(&set, NULL, &before, error, sizeof(error));
		for (unsigned i = 0; i < NR_FEATURES; i++) {
			struct feature_set other = set;

			if (copy_policy_asks(i))
				continue;
			other.word[i / 64] ^= UINT64_C(1) << (i % 64);
			copy_policy(&other, NULL, &after, error, sizeof(error));
			if (strcmp(before.name, after.name))
				fail_msg("%s decides, but is not asked for", feature_name(i));
		}
	}
}

static bool has_xsave(struct cpuid_file *file)
{
	struct cpu_facts facts;

	cpuid_file_judge(file, &facts);
	return feature_test(&facts.judged, FEATURE_XSAVE);
}

static struct cpuid_row *row_of(struct cpuid_file *file, u32 leaf, u32 subleaf)
{
	return (struct cpuid_row *)(uintptr_t)cpuid_find(file->rows, file->n, leaf, subleaf);
}

/* Only where QEMU's emulation meets an empty subleaf 1 of leaf 0DH. */
static void test_xsave_that_hangs(void **state)
{
	static struct cpuid_file file;
	struct cpuid_row *offer;

	cpuid_file_named("haswell", &file);
	offer = row_of(&file, 0xd, 1);
	assert_non_null(offer);
	assert_true(has_xsave(&file));
	file.rows[file.n++] =
		(struct cpuid_row){ .leaf = 0x40000000, .eax = 0x40000001, .ebx = TCG_SIGNATURE };
	assert_true(has_xsave(&file));
	offer->eax = 0;
	assert_false(has_xsave(&file));
	file.rows[file.n - 1].ebx = 0x4b4d564b; /* "KVMK" */
	assert_true(has_xsave(&file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_the_walk),
		cmocka_unit_test(test_what_the_policy_asks),
		cmocka_unit_test(test_xsave_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
