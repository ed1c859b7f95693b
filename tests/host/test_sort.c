/* SPDX-License-Identifier: MIT */
/* kernel/lib/sort.h: any order of any keys comes out sorted, nothing lost, nothing beside it
 * touched. */
#include <kernel/lib/sort.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

/* Two kinds of item, as the kernel's: small ones with a short key, large ones with a long key. */
struct small {
	u32 key, payload, seal;
};
struct large {
	u64 key, payload, seal, rest;
};

static u64 small_key(const void *item)
{
	return ((const struct small *)item)->key;
}

static u64 large_key(const void *item)
{
	return ((const struct large *)item)->key;
}

#define MAX 70000
static struct small smalls[MAX + 1];
static struct large larges[MAX + 1];

/* Key i of n, by shape. */
typedef u64 (*shape_fn)(u64 *random, u64 i, u64 n);

static u64 sorted(u64 *random, u64 i, u64 n)
{
	return 5 * i;
}
static u64 reversed(u64 *random, u64 i, u64 n)
{
	return 5 * (n - i);
}
static u64 all_equal(u64 *random, u64 i, u64 n)
{
	return 77;
}
static u64 any(u64 *random, u64 i, u64 n)
{
	return random_next(random);
}
static u64 few_keys(u64 *random, u64 i, u64 n)
{
	return random_below(random, 5) << 30;
}
static u64 nearly_sorted(u64 *random, u64 i, u64 n)
{
	return random_below(random, 50) ? 16 * i : random_below(random, 16 * (u32)n);
}
static u64 two_runs(u64 *random, u64 i, u64 n)
{
	return i % 2 ? 0x40000000 + i : i;
}
/* Crowds whose keys differ in the lowest bits only, and by the highest from one another. */
static u64 crowds(u64 *random, u64 i, u64 n)
{
	return random_below(random, 3) << 31 | random_below(random, 200);
}
static u64 one_far_out(u64 *random, u64 i, u64 n)
{
	return i == n / 2 ? UINT64_MAX : n - i;
}
/* The two highest digits alone, each half in the other's place. */
static u64 two_highest(u64 *random, u64 i, u64 n)
{
	return i ? (0xff - i % 2) << 24 | i : 0;
}

static const shape_fn shapes[] = { sorted,   reversed,      all_equal, any,         few_keys,
				   two_runs, nearly_sorted, crowds,    one_far_out, two_highest };

/* Sums over all items tell whether one was lost or changed. */
static u64 mix(u64 key, u64 payload)
{
	return (key * 0x9e3779b97f4a7c15 ^ payload) * 0xbf58476d1ce4e5b9;
}

static void sort_smalls(u64 *random, shape_fn shape, size_t n)
{
	static const struct sort_kind kind = { sizeof(struct small), small_key };
	u64 before = 0, after = 0;

	memset(&smalls[n], 0x5a, sizeof(smalls[n]));
	for (size_t i = 0; i < n; i++) {
		u32 key = (u32)shape(random, i, n);

		smalls[i] = (struct small){ key, (u32)i, ~key };
		before += mix(key, i);
	}
	sort_table(&kind, smalls, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(smalls[i].seal, ~smalls[i].key);
		assert_true(!i || smalls[i - 1].key <= smalls[i].key);
		after += mix(smalls[i].key, smalls[i].payload);
	}
	assert_true(before == after);
	assert_int_equal(smalls[n].key, 0x5a5a5a5a);
}

static void sort_larges(u64 *random, shape_fn shape, size_t n)
{
	static const struct sort_kind kind = { sizeof(struct large), large_key };
	u64 before = 0, after = 0;

	memset(&larges[n], 0x5a, sizeof(larges[n]));
	for (size_t i = 0; i < n; i++) {
		u64 key = shape(random, i, n);

		larges[i] = (struct large){ key, i, ~key, key ^ i };
		before += mix(key, i);
	}
	sort_table(&kind, larges, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(larges[i].seal, ~larges[i].key);
		assert_int_equal(larges[i].rest, larges[i].key ^ larges[i].payload);
		assert_true(!i || larges[i - 1].key <= larges[i].key);
		after += mix(larges[i].key, larges[i].payload);
	}
	assert_true(before == after);
	assert_int_equal(larges[n].key, 0x5a5a5a5a5a5a5a5a);
}

static void test_shapes(void **state)
{
	static const size_t sizes[] = { 0,   1,   2,   3,    31,   32,   33,    34,
					100, 255, 256, 1000, 3000, 5000, 20000, MAX };
	u64 random = 1;

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
			sort_smalls(&random, shapes[i], sizes[s]);
			sort_larges(&random, shapes[i], sizes[s]);
		}
}

/* Counted, for what is promised: linear for what is in order, and never more than a few passes. */
static u64 looks;

static u64 counted_key(const void *item)
{
	looks++;
	return ((const struct small *)item)->key;
}

static void test_effort(void **state)
{
	static const struct sort_kind kind = { sizeof(struct small), counted_key };
	u64 random = 2;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (size_t k = 0; k < MAX; k++)
			smalls[k].key = (u32)shapes[i](&random, k, MAX);
		looks = 0;
		sort_table(&kind, smalls, MAX);
		assert_true(looks <= (shapes[i] == sorted ? 1u : 64u) * MAX);
		looks = 0;
		sort_table(&kind, smalls, MAX);
		assert_true(looks <= MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_effort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
