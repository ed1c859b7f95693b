/* SPDX-License-Identifier: MIT */
/* Any text as a CPUID dump: parsed, judged, walked and given a copy variant; the verdict holds
 * what it promises whatever the registers say. */
#include <stdlib.h>

#include <x86/cpu_features.h>
#include <x86/cpu_policy.h>
#include <x86/cpuid_table.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

struct table {
	struct cpuid_row rows[CPUID_MAX_ROWS];
	size_t n;
};

static void ask(void *context, struct cpuid_row *row)
{
	const struct table *table = context;
	const struct cpuid_row *found = cpuid_find(table->rows, table->n, row->leaf, row->subleaf);

	if (found)
		*row = *found;
}

/* No feature stands without its base, and what is used was announced. */
static void check_verdict(const struct cpu_facts *facts)
{
	for (unsigned i = 0; i < NR_FEATURES; i++)
		if (feature_test(&facts->judged, i))
			REQUIRE(feature_missing(&facts->judged, i) < 0);
	REQUIRE(!feature_test(&facts->judged, FEATURE_AVX512F));
	if (feature_test(&facts->judged, FEATURE_SMAP))
		REQUIRE(feature_test(&facts->raw, FEATURE_SMAP));
	REQUIRE(!facts->identity.vendor[12] && !facts->identity.brand[48]);
}

static void check_choice(const struct cpu_facts *facts)
{
	struct feature_set set = facts->judged;
	struct copy_choice choice;
	unsigned chosen = 0;
	char error[8];

	REQUIRE(!copy_policy(&set, NULL, &choice, error, sizeof(error)));
	copy_policy_apply(&choice, &set);
	for (unsigned i = FEATURE_COPY_ALIGNED; i <= FEATURE_COPY_STREAMING; i++)
		chosen += feature_test(&set, i);
	REQUIRE(chosen == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct table table, walked;
	const struct cpu_controls controls = { CPU_XCR0_KERNEL, true, size & 1 };
	struct cpuid_dump_error error;
	struct cpu_facts facts;

	if (cpuid_dump_parse((const char *)data, size, table.rows, CPUID_MAX_ROWS, &table.n,
			     &error)) {
		REQUIRE(error.why && !table.n);
		return 0;
	}
	cpu_judge(table.rows, table.n, &controls, &facts);
	check_verdict(&facts);
	check_choice(&facts);
	walked.n = cpuid_walk(ask, &table, walked.rows, CPUID_MAX_ROWS);
	REQUIRE(walked.n <= CPUID_MAX_ROWS);
	cpu_judge(walked.rows, walked.n, &controls, &facts);
	check_verdict(&facts);
	return 0;
}
