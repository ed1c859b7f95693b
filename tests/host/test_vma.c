/* SPDX-License-Identifier: MIT */
/* kernel/mm/vma.h against a plain table of pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/errno.h>
#include <asm/mman.h>
#include <cmocka.h>
#include <kernel/mm/vma.h>

#include "random.h"

#define PAGES 96

struct model_page {
	bool mapped;
	unsigned prot, flags;
	enum vma_kind kind;
	const void *object;
	u64 offset; /* of this page */
};

struct model {
	struct vma areas[2 * PAGES];
	struct vma_set set;
	struct model_page pages[PAGES];
};

static char objects[2];
static size_t references[2]; /* what the set's areas hold, as it reports */

static void get(const struct vma *area)
{
	references[(char *)area->object - objects]++;
}

static void put(const struct vma *area)
{
	assert_true(references[(char *)area->object - objects]-- > 0);
}

static vaddr_t address_of(u64 page)
{
	return page * PAGE_BYTES;
}

static void check_page(const struct vma *area, const struct model_page *page, vaddr_t address)
{
	assert_int_equal(area->prot, page->prot);
	assert_int_equal(area->kind, page->kind);
	assert_int_equal(area->flags, page->flags);
	assert_ptr_equal(area->object, page->object);
	if (page->kind == VMA_FILE)
		assert_int_equal(area->offset + (address - area->start), page->offset);
}

static bool alike(const struct vma *a, const struct vma *b)
{
	return a->end == b->start && a->prot == b->prot && a->kind == b->kind &&
	       a->flags == b->flags && a->object == b->object &&
	       (!a->object || a->offset + (a->end - a->start) == b->offset);
}

/* A branch of the tree: balanced, in order, and with the widest gap it claims. */
static unsigned check_branch(const struct vma *top, vaddr_t low, vaddr_t high)
{
	unsigned left, right;
	u64 widest;

	if (!top)
		return 0;
	assert_true(low <= top->start && top->start < top->end && top->end <= high);
	left = check_branch(top->left, low, top->start);
	right = check_branch(top->right, top->end, high);
	assert_true(left <= right + 1 && right <= left + 1);
	assert_int_equal(top->height, 1 + (left > right ? left : right));
	widest = top->start - (top->prev ? top->prev->end : 0);
	if (top->left && top->left->widest > widest)
		widest = top->left->widest;
	if (top->right && top->right->widest > widest)
		widest = top->right->widest;
	assert_int_equal(top->widest, widest);
	return top->height;
}

/* The list has what the tree has, merged where it can be, and the objects' references are right. */
static size_t check_list(const struct vma_set *set)
{
	const struct vma *before = NULL;
	size_t pages = 0, n = 0, held[2] = { 0, 0 };

	for (const struct vma *area = set->first; area; before = area, area = area->next) {
		assert_ptr_equal(area->prev, before);
		assert_ptr_equal(vma_find(set, area->start), area);
		assert_false(before && (before->end > area->start || alike(before, area)));
		if (area->object)
			held[(char *)area->object - objects]++;
		pages += (area->end - area->start) / PAGE_BYTES;
		n++;
	}
	assert_ptr_equal(set->last, before);
	assert_int_equal(set->count, n);
	assert_memory_equal(held, references, sizeof(held));
	return pages;
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
	check_branch(m->set.root, 0, UINT64_MAX);
	assert_int_equal(check_list(&m->set), mapped);
}

static void do_map(struct model *m, u64 *random, u64 first, u64 end)
{
	struct vma area = {
		.start = address_of(first),
		.end = address_of(end),
		.prot = (u8)random_below(random, 3),
		.kind = (u8)random_below(random, 2),
		.flags = random_below(random, 8) ? VMA_MAY_WRITE : VMA_IS_SHARED,
	};
	bool taken = false;

	/* Offsets that often continue one another, so that file areas can merge. */
	if (area.kind == VMA_FILE) {
		area.object = &objects[random_below(random, 2)];
		area.offset = address_of(first + 1000 * random_below(random, 2));
	}
	for (u64 p = first; p < end; p++)
		taken |= m->pages[p].mapped;
	if (area.object && !taken)
		get(&area);
	assert_int_equal(vma_map(&m->set, &area), taken ? -EEXIST : 0);
	for (u64 p = first; p < end && !taken; p++)
		m->pages[p] =
			(struct model_page){ true,        area.prot,
					     area.flags,  area.kind,
					     area.object, area.offset + address_of(p - first) };
}

static void do_unmap(struct model *m, u64 first, u64 end)
{
	assert_int_equal(vma_unmap(&m->set, address_of(first), address_of(end)), 0);
	memset(&m->pages[first], 0, (end - first) * sizeof(m->pages[0]));
}

static void do_protect(struct model *m, u64 *random, u64 first, u64 end)
{
	unsigned prot = (unsigned)random_below(random, 4);
	vaddr_t done;
	u64 p = first;
	int error = vma_protect(&m->set, address_of(first), address_of(end), prot, &done);

	while (p < end && m->pages[p].mapped &&
	       !(prot & PROT_WRITE && !(m->pages[p].flags & VMA_MAY_WRITE)))
		m->pages[p++].prot = prot;
	if (p < end)
		assert_int_equal(error, m->pages[p].mapped ? -EACCES : -ENOMEM);
	else
		assert_int_equal(error, 0);
	assert_int_equal(done, address_of(p));
}

/* Extends the first area above a free page down to it. */
static void do_grow(struct model *m, u64 page)
{
	struct vma *area = vma_first_above(&m->set, address_of(page));
	u64 first = page;

	if (m->pages[page].mapped || !area)
		return;
	vma_grow_down(&m->set, area, address_of(page));
	for (; !m->pages[first].mapped; first++) {
		m->pages[first] = m->pages[area->end / PAGE_BYTES - 1];
		if (area->object)
			m->pages[first].offset = area->offset + address_of(first - page);
	}
	/* The set need not merge what has met: nor does the model demand it. */
	do_unmap(m, page, page + 1);
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
	switch (random_below(random, 9)) {
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
	case 5:
		if (first > 1 && !m->pages[first - 1].mapped)
			do_grow(m, first);
		break;
	default:
		do_map(m, random, first, end);
	}
}

static void give_spares(struct vma_set *set, struct vma *areas, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vma_set_give(set, &areas[i]);
}

static void agrees_with_model(void **state)
{
	for (u64 seed = 1; seed <= 40; seed++) {
		struct model m = { .set = { .get = get, .put = put } };
		u64 random = seed;

		memset(references, 0, sizeof(references));
		give_spares(&m.set, m.areas, ARRAY_SIZE(m.areas));
		for (unsigned i = 0; i < 1500; i++) {
			step(&m, &random);
			check(&m);
			assert_int_equal(m.set.count + m.set.nr_spare, ARRAY_SIZE(m.areas));
		}
	}
}

/* A copy says the same, holds each object once more, and gives that back. */
static void copies(void **state)
{
	struct model m = { .set = { .get = get, .put = put } };
	struct vma areas[PAGES] = { 0 };
	struct vma_set copy = { .get = get, .put = put }, original;
	size_t before[2];
	u64 random = 99;

	memset(references, 0, sizeof(references));
	give_spares(&m.set, m.areas, ARRAY_SIZE(m.areas));
	for (unsigned i = 0; i < 200; i++)
		step(&m, &random);
	memcpy(before, references, sizeof(before));
	assert_true(m.set.count > 3);
	assert_int_equal(vma_copy(&copy, &m.set), -ENOMEM);
	give_spares(&copy, areas, ARRAY_SIZE(areas));
	assert_int_equal(vma_copy(&copy, &m.set), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(references[i], 2 * before[i]);
		references[i] = before[i];
	}
	original = m.set;
	m.set = copy;
	check(&m);
	memcpy(references, (size_t[2]){ 2 * before[0], 2 * before[1] }, sizeof(references));
	assert_int_equal(vma_unmap(&m.set, 0, address_of(PAGES)), 0);
	check_list(&original);
}

/* As many areas as no program has: still a tree of little height, and a gap is still found. */
static void holds_ten_thousand(void **state)
{
	enum { MANY = 10000 };
	struct vma *areas = calloc(MANY + VMA_HEADROOM, sizeof(*areas));
	struct vma_set set = { 0 };
	struct vma area = { .prot = PROT_READ };

	assert_non_null(areas);
	give_spares(&set, areas, MANY + VMA_HEADROOM);
	for (u64 i = 0; i < MANY; i++) {
		area.start = address_of(1 + 2 * (i * 7919 % MANY)); /* in no order */
		area.end = area.start + PAGE_BYTES;
		assert_int_equal(vma_map(&set, &area), 0);
	}
	assert_int_equal(set.count, MANY);
	assert_true(set.root->height <= 18);
	check_branch(set.root, 0, UINT64_MAX);
	assert_int_equal(vma_find_gap(&set, address_of(1), address_of(1), address_of(2 * MANY)),
			 address_of(2 * MANY - 2));
	assert_int_equal(vma_find_gap(&set, address_of(2), address_of(1), address_of(2 * MANY)), 0);
	assert_int_equal(vma_unmap(&set, address_of(5001), address_of(5002)), 0);
	assert_int_equal(vma_find_gap(&set, address_of(3), address_of(1), address_of(2 * MANY)),
			 address_of(5000));
	assert_int_equal(vma_unmap(&set, 0, address_of(2 * MANY)), 0);
	assert_int_equal(set.count, 0);
	assert_null(set.root);
	free(areas);
}

static void refuses_without_headroom(void **state)
{
	struct vma areas[3] = { 0 };
	struct vma_set set = { 0 };
	struct vma area = { .start = 0x1000, .end = 0x9000, .flags = VMA_MAY_WRITE };
	vaddr_t done;

	give_spares(&set, areas, ARRAY_SIZE(areas));
	assert_int_equal(vma_map(&set, &area), 0);
	assert_int_equal(vma_unmap(&set, 0x3000, 0x4000), 0);
	assert_int_equal(set.count, 2);
	area.start = 0x20000;
	area.end = 0x21000;
	assert_int_equal(vma_map(&set, &area), -ENOMEM);
	assert_int_equal(vma_unmap(&set, 0x1000, 0x2000), -ENOMEM);
	assert_int_equal(vma_protect(&set, 0x1000, 0x2000, 3, &done), -ENOMEM);
	assert_int_equal(done, 0x1000);
	assert_int_equal(set.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_model),
		cmocka_unit_test(copies),
		cmocka_unit_test(holds_ten_thousand),
		cmocka_unit_test(refuses_without_headroom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
