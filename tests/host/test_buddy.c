/* SPDX-License-Identifier: MIT */
/* kernel/mm/buddy.h against a plain map of pages, and kernel/mm/memory_map.h by cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <kernel/mm/buddy.h>
#include <kernel/mm/memory_map.h>

#include "random.h"

#define PAGES 20000 /* no power of two: blocks at the end have no partner */

enum page_state { ABSENT, FREE, TAKEN };

struct model {
	struct buddy buddy;
	void *memory;
	u8 state[PAGES];
	struct {
		u32 page;
		unsigned order;
	} blocks[PAGES];
	size_t nr_blocks;
};

static struct model *model_create(void)
{
	struct model *m = calloc(1, sizeof(*m));
	size_t bytes = buddy_bytes(PAGES);

	/* Whatever was in memory before must not matter. */
	m->memory = malloc(bytes);
	memset(m->memory, 0xa5, bytes);
	buddy_init(&m->buddy, m->memory, PAGES);
	return m;
}

static void model_destroy(struct model *m)
{
	free(m->memory);
	free(m);
}

static void model_add(struct model *m, size_t first, size_t count)
{
	buddy_add(&m->buddy, first, count);
	memset(m->state + first, FREE, count);
}

static size_t model_free_pages(const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < PAGES; i++)
		n += m->state[i] == FREE;
	return n;
}

/* Whether an aligned block of that order is free: then an allocation must succeed. */
static bool model_has(const struct model *m, unsigned order)
{
	size_t n = (size_t)1 << order;

	for (size_t first = 0; first + n <= PAGES; first += n) {
		size_t i = 0;

		while (i < n && m->state[first + i] == FREE)
			i++;
		if (i == n)
			return true;
	}
	return false;
}

static void model_alloc(struct model *m, unsigned order)
{
	u32 page = buddy_alloc(&m->buddy, order), n = UINT32_C(1) << order;

	if (page == BUDDY_NONE) {
		assert_false(model_has(m, order));
		return;
	}
	assert_int_equal(page & (n - 1), 0);
	for (u32 i = 0; i < n; i++) {
		assert_int_equal(m->state[page + i], FREE);
		m->state[page + i] = TAKEN;
	}
	m->blocks[m->nr_blocks].page = page;
	m->blocks[m->nr_blocks++].order = order;
}

static void model_free(struct model *m, size_t which)
{
	u32 page = m->blocks[which].page;
	unsigned order = m->blocks[which].order;

	assert_true(buddy_free(&m->buddy, page, order));
	assert_false(buddy_free(&m->buddy, page, order));
	memset(m->state + page, FREE, (size_t)1 << order);
	m->blocks[which] = m->blocks[--m->nr_blocks];
}

static void model_check(const struct model *m)
{
	assert_int_equal(m->buddy.nr_free, model_free_pages(m));
	for (u32 i = 0; i < PAGES; i++)
		assert_int_equal(buddy_is_free(&m->buddy, i), m->state[i] == FREE);
}

static void agrees_with_model(void **state)
{
	for (u64 seed = 1; seed <= 20; seed++) {
		struct model *m = model_create();
		u64 random = seed;

		model_add(m, 3, 1000);
		model_add(m, 1003, 1);
		model_add(m, 1500, PAGES - 1500);
		for (unsigned i = 0; i < 3000; i++) {
			if (m->nr_blocks && random_below(&random, 100) < 40 + seed)
				model_free(m, random_below(&random, m->nr_blocks));
			else
				model_alloc(m, (unsigned)random_below(&random, BUDDY_ORDERS));
			if (i % 100 == 0)
				model_check(m);
		}
		while (m->nr_blocks)
			model_free(m, m->nr_blocks - 1);
		model_check(m);
		model_alloc(m, BUDDY_ORDERS - 1);
		assert_int_equal(m->nr_blocks, 1);
		model_destroy(m);
	}
}

static void gives_every_page_once(void **state)
{
	struct model *m = model_create();

	model_add(m, 1, 4998);
	for (size_t i = 0; i < 4998; i++)
		model_alloc(m, 0);
	assert_int_equal(m->nr_blocks, 4998);
	assert_int_equal(buddy_alloc(&m->buddy, 0), BUDDY_NONE);
	assert_int_equal(m->buddy.nr_free, 0);
	model_destroy(m);
}

static void refuses_what_is_no_block(void **state)
{
	struct model *m = model_create();
	u32 page;

	model_add(m, 0, 4096);
	page = buddy_alloc(&m->buddy, 4);
	assert_false(buddy_free(&m->buddy, page + 1, 4));        /* alignment */
	assert_false(buddy_free(&m->buddy, page, BUDDY_ORDERS)); /* order */
	assert_false(buddy_free(&m->buddy, PAGES, 0));           /* number */
	assert_false(buddy_free(&m->buddy, page, 5));            /* half of it is free */
	assert_true(buddy_free(&m->buddy, page + 3, 0));
	assert_false(buddy_free(&m->buddy, page, 4)); /* a page of it is free */
	assert_int_equal(m->buddy.nr_free, 4096 - 15);
	model_destroy(m);
}

struct map_case {
	struct memory_range ranges[6];
	struct memory_stretch holes[2], expected[5];
};

static void finds_usable_stretches(void **state)
{
	static const struct map_case cases[] = {
		/* parts of pages are not usable */
		{ { { 0x1001, 0x5000, MEMORY_USABLE } }, { { 0, 0 } }, { { 0x2000, 0x6000 } } },
		{ { { 0x1001, 0x1000, MEMORY_USABLE } }, { { 0, 0 } }, { { 0, 0 } } },
		/* any order; reserved wins, to the page */
		{ { { 0x9000, 0x3000, MEMORY_USABLE },
		    { 0x1000, 0x7000, MEMORY_USABLE },
		    { 0x2fff, 0x2, MEMORY_RESERVED } },
		  { { 0, 0 } },
		  { { 0x1000, 0x2000 }, { 0x4000, 0x8000 }, { 0x9000, 0xc000 } } },
		/* overlapping usable ranges, each page once */
		{ { { 0x1000, 0x4000, MEMORY_USABLE }, { 0x3000, 0x4000, MEMORY_USABLE } },
		  { { 0, 0 } },
		  { { 0x1000, 0x5000 }, { 0x5000, 0x7000 } } },
		/* holes: at the start, in the middle, at the end */
		{ { { 0x0, 0x10000, MEMORY_USABLE } },
		  { { 0x0, 0x1000 }, { 0x4800, 0x5800 } },
		  { { 0x1000, 0x4000 }, { 0x6000, 0x10000 } } },
		{ { { 0x0, 0x10000, MEMORY_USABLE } },
		  { { 0x8000, 0x20000 }, { 0x0, 0x8000 } },
		  { { 0, 0 } } },
		/* a length that wraps ends at the top */
		{ { { 0x1000, UINT64_MAX, MEMORY_USABLE } },
		  { { 0x2000, UINT64_MAX } },
		  { { 0x1000, 0x2000 } } },
		/* everything called bad, ACPI, NVS is left alone */
		{ { { 0x1000, 0x1000, MEMORY_BAD },
		    { 0x2000, 0x1000, MEMORY_ACPI },
		    { 0x3000, 0x1000, MEMORY_NVS },
		    { 0x0, 0x5000, MEMORY_USABLE } },
		  { { 0, 0 } },
		  { { 0x0, 0x1000 }, { 0x4000, 0x5000 } } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct memory_stretch got = { 0, 0 };
		const struct memory_stretch *want = cases[i].expected;

		while (memory_map_next(cases[i].ranges, ARRAY_SIZE(cases[i].ranges), cases[i].holes,
				       ARRAY_SIZE(cases[i].holes), got.end, UINT64_MAX, &got)) {
			assert_int_equal(got.start, want->start);
			assert_int_equal(got.end, want->end);
			want++;
		}
		assert_int_equal(want->end, 0);
	}
}

static void keeps_below_the_limit(void **state)
{
	static const struct memory_range range = { 0x1000, 0x10000, MEMORY_USABLE };
	struct memory_stretch got;

	assert_true(memory_map_next(&range, 1, NULL, 0, 0, 0x4fff, &got));
	assert_int_equal(got.end, 0x4000);
	assert_false(memory_map_next(&range, 1, NULL, 0, 0x5000, 0x5000, &got));
	assert_false(memory_map_next(&range, 0, NULL, 0, 0, 0x5000, &got));
}

/* Random maps against a judgement page by page. */
static void agrees_with_page_by_page(void **state)
{
	enum { MAP_PAGES = 64 };
	u64 random = 7;

	for (unsigned round = 0; round < 3000; round++) {
		struct memory_range ranges[5];
		struct memory_stretch hole, got = { 0, 0 };
		u8 usable[MAP_PAGES] = { 0 }, found[MAP_PAGES] = { 0 };

		for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
			ranges[i].base = random_below(&random, MAP_PAGES * PAGE_BYTES);
			ranges[i].bytes =
				random_below(&random, MAP_PAGES * PAGE_BYTES - ranges[i].base);
			ranges[i].type = random_below(&random, 3) ? MEMORY_USABLE : MEMORY_RESERVED;
		}
		hole.start = random_below(&random, MAP_PAGES * PAGE_BYTES);
		hole.end = hole.start + random_below(&random, 3 * PAGE_BYTES);
		for (u64 p = 0; p < MAP_PAGES; p++) {
			u64 start = p * PAGE_BYTES, end = start + PAGE_BYTES;

			for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
				usable[p] |= ranges[i].type == MEMORY_USABLE &&
					     ranges[i].base <= start &&
					     ranges[i].base + ranges[i].bytes >= end;
			for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
				if (ranges[i].type != MEMORY_USABLE && ranges[i].bytes &&
				    ranges[i].base < end &&
				    ranges[i].base + ranges[i].bytes > start)
					usable[p] = 0;
			if (hole.start < end && hole.end > start && hole.start < hole.end)
				usable[p] = 0;
		}
		while (memory_map_next(ranges, ARRAY_SIZE(ranges), &hole, 1, got.end, UINT64_MAX,
				       &got)) {
			for (u64 p = got.start / PAGE_BYTES; p < got.end / PAGE_BYTES; p++)
				assert_int_equal(found[p]++, 0);
		}
		assert_memory_equal(usable, found, MAP_PAGES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_model),
		cmocka_unit_test(gives_every_page_once),
		cmocka_unit_test(refuses_what_is_no_block),
		cmocka_unit_test(finds_usable_stretches),
		cmocka_unit_test(keeps_below_the_limit),
		cmocka_unit_test(agrees_with_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
