/* SPDX-License-Identifier: MIT */
/* Any text as a cpu= list: refused with a message and without a trace, or applied so that no
 * feature stands without its base and none the processor would fault on has come. */
#include <stdlib.h>
#include <string.h>

#include <x86/cpu_features.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* A processor with every feature of the list, or with every second one. */
static void make_set(struct feature_set *set, bool all)
{
	*set = (struct feature_set){ 0 };
	for (unsigned i = 0; i < FEATURE_COPY_ALIGNED; i++)
		if (all || i % 2)
			feature_add(set, i);
	feature_close(set);
}

static void check_applied(const struct feature_set *before, const struct feature_set *after)
{
	for (unsigned i = 0; i < NR_FEATURES; i++) {
		if (!feature_test(after, i))
			continue;
		REQUIRE(feature_missing(after, i) < 0);
		if (i == FEATURE_SMAP || i == FEATURE_FSGSBASE || i == FEATURE_AVX2)
			REQUIRE(feature_test(before, i));
	}
	REQUIRE(cpu_lacks(before) >= 0 || cpu_lacks(after) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feature_set before, after;
	char list[1024], error[160];

	if (!size || size >= sizeof(list))
		return 0;
	memcpy(list, data, size);
	list[size] = '\0';
	make_set(&before, size % 2);
	after = before;
	error[0] = '\0';
	if (cpu_list_apply(list, &after, error, sizeof(error))) {
		REQUIRE(error[0] && strlen(error) < sizeof(error));
		REQUIRE(!memcmp(&before, &after, sizeof(after)));
		return 0;
	}
	check_applied(&before, &after);
	return 0;
}
