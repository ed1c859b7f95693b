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

/* Whether leaf 0DH offers state components that the kernel turns on as well. */
static bool has_state(const struct table *table, const struct cpu_controls *controls, u64 wanted)
{
	const struct cpuid_row *offer = cpuid_find(table->rows, table->n, 0xd, 0);

	return offer && (offer->eax & controls->xcr0 & wanted) == wanted;
}

/* No feature stands without its base and its registers, and what is used was announced. */
static void check_verdict(const struct table *table, const struct cpu_controls *controls,
			  const struct cpu_facts *facts)
{
	for (unsigned i = 0; i < NR_FEATURES; i++)
		if (feature_test(&facts->judged, i))
			REQUIRE(feature_missing(&facts->judged, i) < 0);
	REQUIRE(!feature_test(&facts->judged, FEATURE_AMX_TILE));
	if (feature_test(&facts->judged, FEATURE_AVX512F))
		REQUIRE(has_state(table, controls, XSTATE_SSE | XSTATE_AVX | XSTATE_AVX512));
	if (feature_test(&facts->judged, FEATURE_AVX))
		REQUIRE(has_state(table, controls, XSTATE_SSE | XSTATE_AVX));
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

/* The table as it is, and walked as the kernel walks a processor that answers so. */
static void judge(const struct table *table, const struct cpu_controls *controls)
{
	static struct table walked;
	struct cpu_facts facts;

	cpu_judge(table->rows, table->n, controls, &facts);
	check_verdict(table, controls, &facts);
	check_choice(&facts);
	walked.n = cpuid_walk(ask, (void *)table, walked.rows, CPUID_MAX_ROWS);
	REQUIRE(walked.n <= CPUID_MAX_ROWS);
	cpu_judge(walked.rows, walked.n, controls, &facts);
	check_verdict(&walked, controls, &facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u64 states[] = { CPU_XCR0_KERNEL, CPU_XCR0_KERNEL & ~XSTATE_AVX512,
				      XSTATE_X87 | XSTATE_SSE };
	static struct table table;
	struct cpu_controls controls = { 0, true, size & 1 };
	struct cpuid_dump_error error;

	if (cpuid_dump_parse((const char *)data, size, table.rows, CPUID_MAX_ROWS, &table.n,
			     &error)) {
		REQUIRE(error.why && !table.n);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		controls.xcr0 = states[i];
		judge(&table, &controls);
	}
	return 0;
}
