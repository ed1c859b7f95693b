/* SPDX-License-Identifier: MIT */
/* kernel/mm/vma.h against a plain table of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <asm/errno.h>
#include <cmocka.h>
#include <kernel/mm/vma.h>

#include "random.h"

#define PAGES 96

struct model_page {
	bool mapped;
	unsigned prot;
	enum vma_kind kind;
	const void *object;
	u64 offset; /* of this page */
};

struct model {
	struct vma areas[2 * PAGES];
	struct vma_set set;
	struct model_page pages[PAGES];
};

static const char objects[2];

static vaddr_t address_of(u64 page)
{
	return page * PAGE_BYTES;
}

static void check_page(const struct vma *area, const struct model_page *page, vaddr_t address)
{
	assert_int_equal(area->prot, page->prot);
	assert_int_equal(area->kind, page->kind);
	assert_ptr_equal(area->object, page->object);
	if (page->kind == VMA_FILE)
		assert_int_equal(area->offset + (address - area->start), page->offset);
}

static bool alike(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->prot == b->prot && a->kind == b->kind &&
	       a->object == b->object &&
	       (a->kind != VMA_FILE || a->offset + (a->end - a->start) == b->offset);
}

/* The set says of every page what the model says, in the fewest possible areas. */
static void check(const struct model *m)
{
	size_t mapped = 0;

	for (u64 p = 0; p < PAGES; p++) {
		vaddr_t address = address_of(p) + 123;
		const struct vma *area = vma_find(&m->set, address);

		assert_int_equal(area != NULL, m->pages[p].mapped);
		assert_int_equal(vma_overlaps(&m->set, address_of(p), address_of(p + 1)),
				 m->pages[p].mapped);
		mapped += m->pages[p].mapped;
		if (area)
			check_page(area, &m->pages[p], address_of(p));
	}
	for (size_t i = 0; i < m->set.count; i++) {
		assert_true(m->areas[i].start < m->areas[i].end);
		mapped -= (m->areas[i].end - m->areas[i].start) / PAGE_BYTES;
		if (i) {
			assert_true(m->areas[i - 1].end <= m->areas[i].start);
			assert_false(alike(&m->areas[i - 1], &m->areas[i]));
		}
	}
	assert_int_equal(mapped, 0);
}

static void do_map(struct model *m, u64 *random, u64 first, u64 end)
{
	struct vma area = {
		.start = address_of(first),
		.end = address_of(end),
		.prot = (unsigned)random_below(random, 3),
		.kind = (enum vma_kind)random_below(random, 3),
	};
	bool taken = false;

	/* Offsets that often continue one another, so that file areas can merge. */
	if (area.kind == VMA_FILE) {
		area.object = &objects[random_below(random, 2)];
		area.offset = address_of(first + 1000 * random_below(random, 2));
	}
	for (u64 p = first; p < end; p++)
		taken |= m->pages[p].mapped;
	assert_int_equal(vma_map(&m->set, &area), taken ? -EEXIST : 0);
	for (u64 p = first; p < end && !taken; p++)
		m->pages[p] = (struct model_page){ true, area.prot, area.kind, area.object,
						   area.offset + address_of(p - first) };
}

static void do_unmap(struct model *m, u64 first, u64 end)
{
	assert_int_equal(vma_unmap(&m->set, address_of(first), address_of(end)), 0);
	memset(&m->pages[first], 0, (end - first) * sizeof(m->pages[0]));
}

static void do_protect(struct model *m, u64 *random, u64 first, u64 end)
{
	unsigned prot = (unsigned)random_below(random, 3);
	vaddr_t done;
	u64 p = first;
	int error = vma_protect(&m->set, address_of(first), address_of(end), prot, &done);

	while (p < end && m->pages[p].mapped && m->pages[p].kind != VMA_GUARD)
		m->pages[p++].prot = prot;
	assert_int_equal(error, p < end ? -ENOMEM : 0);
	assert_int_equal(done, address_of(p));
}

static void do_find_gap(struct model *m, u64 *random, u64 low, u64 high)
{
	u64 want = 1 + random_below(random, 8);
	vaddr_t found = vma_find_gap(&m->set, address_of(want), address_of(low), address_of(high));
	vaddr_t best = 0;

	for (u64 first = low; first + want <= high; first++) {
		u64 n = 0;

		while (n < want && !m->pages[first + n].mapped)
			n++;
		if (n == want)
			best = address_of(first);
	}
	assert_int_equal(found, best);
}

static void step(struct model *m, u64 *random)
{
	u64 first = 1 + random_below(random, PAGES - 2);
	u64 end = first + 1 + random_below(random, random_below(random, 4) ? 6 : PAGES - 1 - first);

	if (end > PAGES)
		end = PAGES;
	switch (random_below(random, 8)) {
	case 0:
	case 1:
		do_unmap(m, first, end);
		break;
	case 2:
	case 3:
		do_protect(m, random, first, end);
		break;
	case 4:
		do_find_gap(m, random, first, end);
		do_find_gap(m, random, 1, PAGES);
		break;
	default:
		do_map(m, random, first, end);
	}
}

static void agrees_with_model(void **state)
{
	for (u64 seed = 1; seed <= 40; seed++) {
		struct model m = { .set = { .capacity = ARRAY_SIZE(m.areas) } };
		u64 random = seed;

		m.set.areas = m.areas;
		for (unsigned i = 0; i < 1500; i++) {
			step(&m, &random);
			check(&m);
		}
	}
}

static void refuses_without_headroom(void **state)
{
	struct vma areas[4];
	struct vma_set set = { areas, 0, 4 };
	struct vma area = { 0x1000, 0x9000, 1, VMA_ANONYMOUS, NULL, 0 };
	vaddr_t done;

	assert_int_equal(vma_map(&set, &area), 0);
	assert_int_equal(vma_unmap(&set, 0x3000, 0x4000), 0);
	assert_int_equal(set.count, 2);
	assert_int_equal(vma_unmap(&set, 0x6000, 0x7000), 0);
	assert_int_equal(set.count, 3);
	area.start = 0x20000;
	area.end = 0x21000;
	assert_int_equal(vma_map(&set, &area), -ENOMEM);
	assert_int_equal(vma_unmap(&set, 0x1000, 0x2000), -ENOMEM);
	assert_int_equal(vma_protect(&set, 0x1000, 0x2000, 3, &done), -ENOMEM);
	assert_int_equal(done, 0x1000);
	assert_int_equal(set.count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_model),
		cmocka_unit_test(refuses_without_headroom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
