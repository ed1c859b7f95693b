/* SPDX-License-Identifier: MIT */
/* boot/memory_map.c against its own definition, asked point by point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <x86/boot.h>

#define SMALL_LIMIT 256 /* addresses of the random maps */

static int severity(unsigned type)
{
	const int of[] = { 0, 1, 4, 2, 3, 5 };

	return of[type];
}

/* The definition: the worst type of all ranges that hold the address; 0 is a hole. */
static unsigned worst(const struct memory_range *ranges, size_t n, u64 at)
{
	unsigned type = 0;

	for (size_t i = 0; i < n; i++)
		if (at >= ranges[i].base && at - ranges[i].base < ranges[i].bytes &&
		    severity(ranges[i].type) > severity(type))
			type = ranges[i].type;
	return type;
}

static void assert_in_order(const struct boot_info *info)
{
	for (size_t i = 0; i < info->nr_ranges; i++) {
		const struct memory_range *range = &info->ranges[i];

		assert_true(range->bytes > 0);
		if (!i)
			continue;
		assert_true(range[-1].base + range[-1].bytes <= range->base);
		assert_false(range[-1].base + range[-1].bytes == range->base &&
			     range[-1].type == range->type);
	}
}

static void random_maps_keep_the_definition(void **state)
{
	srand(1);
	for (int round = 0; round < 20000; round++) {
		struct boot_info info = { 0 }, before;
		size_t n = (size_t)rand() % 12;

		for (size_t i = 0; i < n; i++)
			assert_int_equal(boot_map_add(&info, (u64)rand() % SMALL_LIMIT,
						      (u64)rand() % 64, 1 + (u32)rand() % 5),
					 0);
		before = info;
		assert_int_equal(boot_map_resolve(&info), 0);
		assert_in_order(&info);
		for (u64 at = 0; at < SMALL_LIMIT + 64; at++)
			assert_int_equal(worst(info.ranges, info.nr_ranges, at),
					 worst(before.ranges, before.nr_ranges, at));
	}
}

static void extremes_do_not_wrap(void **state)
{
	struct boot_info info = { 0 };
	const u64 limit = UINT64_C(1) << 52;

	assert_int_equal(boot_map_add(&info, 0, UINT64_MAX, MEMORY_USABLE), 0);
	assert_int_equal(boot_map_add(&info, limit - 1, UINT64_MAX, MEMORY_RESERVED), 0);
	assert_int_equal(boot_map_add(&info, UINT64_MAX, UINT64_MAX, MEMORY_BAD), 0);
	assert_int_equal(boot_map_add(&info, 5, 0, MEMORY_BAD), 0);
	assert_int_equal(boot_map_resolve(&info), 0);
	assert_int_equal(info.nr_ranges, 2);
	assert_int_equal(info.ranges[0].bytes, limit - 1);
	assert_int_equal(info.ranges[1].base, limit - 1);
	assert_int_equal(info.ranges[1].bytes, 1);
}

static void unknown_types_are_reserved(void **state)
{
	struct boot_info info = { 0 };
	const u32 types[] = { 0, 6, 7, 12, 0xfffffffe };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		info.nr_ranges = 0;
		assert_int_equal(boot_map_add(&info, 0, 4096, types[i]), 0);
		assert_int_equal(info.ranges[0].type, MEMORY_RESERVED);
	}
}

/* Neighbours join when the table is full, so that only what cannot join is too much. */
static void a_full_table_is_resolved_first(void **state)
{
	struct boot_info info = { 0 };
	char error[160];

	for (u64 i = 0; i < 10 * BOOT_MAX_RANGES; i++)
		assert_int_equal(boot_map_add(&info, i * 16, 16, MEMORY_USABLE), 0);
	assert_int_equal(boot_map_finish(&info, error, sizeof(error)), 0);
	assert_int_equal(info.nr_ranges, 1);

	info.nr_ranges = 0;
	for (u64 i = 0; i < BOOT_MAX_RANGES; i++)
		assert_int_equal(boot_map_add(&info, i * 32, 16, MEMORY_USABLE), 0);
	assert_int_equal(boot_map_add(&info, 1 << 20, 16, MEMORY_USABLE), -ENOSPC);
	assert_int_equal(info.nr_ranges, BOOT_MAX_RANGES);
	assert_int_equal(boot_map_full(error, sizeof(error)), -ENOSPC);
	assert_non_null(strstr(error, "more than 128 ranges"));
}

/* 127 ranges fit, but holes in them make more. */
static void splitting_may_be_too_much(void **state)
{
	struct boot_info info = { 0 };
	char error[160];

	assert_int_equal(boot_map_add(&info, 0, 1 << 20, MEMORY_USABLE), 0);
	for (u64 i = 1; i < 100; i++)
		assert_int_equal(boot_map_add(&info, i * 64, 16, MEMORY_RESERVED), 0);
	assert_int_equal(boot_map_finish(&info, error, sizeof(error)), -ENOSPC);
	assert_non_null(strstr(error, "128"));
}

static void a_map_without_memory_is_none(void **state)
{
	struct boot_info info = { 0 };
	char error[160];

	assert_int_equal(boot_map_finish(&info, error, sizeof(error)), -ENOENT);
	assert_int_equal(boot_map_add(&info, 0, 4096, MEMORY_USABLE), 0);
	assert_int_equal(boot_map_add(&info, 0, 4096, MEMORY_BAD), 0);
	assert_int_equal(boot_map_finish(&info, error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "no memory map"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_maps_keep_the_definition),
		cmocka_unit_test(extremes_do_not_wrap),
		cmocka_unit_test(unknown_types_are_reserved),
		cmocka_unit_test(a_full_table_is_resolved_first),
		cmocka_unit_test(splitting_may_be_too_much),
		cmocka_unit_test(a_map_without_memory_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
