/* SPDX-License-Identifier: MIT */
/* Any bytes as PVH start information: refused with a message, or a boot_info in order. */
#include <stdlib.h>
#include <string.h>

#include <x86/boot.h>

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#define BASE UINT64_C(0x10000)

static struct boot_info info;

static void check(const struct boot_info *result)
{
	REQUIRE(result->nr_ranges && result->nr_ranges <= BOOT_MAX_RANGES);
	REQUIRE(memchr(result->cmdline, '\0', BOOT_CMDLINE_BYTES));
	for (size_t i = 1; i < result->nr_ranges; i++)
		REQUIRE(result->ranges[i - 1].base + result->ranges[i - 1].bytes <=
			result->ranges[i].base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *copy = malloc(size ? size : 1); /* its end is the sanitizer's */
	const struct boot_window window = { BASE, size, copy };
	char error[160] = "";

	memcpy(copy, data, size);
	if (pvh_parse(&window, BASE, &info, error, sizeof(error)))
		REQUIRE(error[0]);
	else
		check(&info);
	free(copy);
	return 0;
}
