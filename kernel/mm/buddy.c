/* SPDX-License-Identifier: MIT */
/* The buddy algorithm over page numbers. PURE. */
#include <kernel/mm/buddy.h>
#include <quench/string.h>

/* One block more than there are: the last one's partner is looked at, too. */
static size_t map_words(size_t nr_pages, unsigned order)
{
	return ((nr_pages >> order) + 1 + 63) / 64;
}

size_t buddy_bytes(size_t nr_pages)
{
	size_t bytes = nr_pages * sizeof(struct buddy_page);

	for (unsigned order = 0; order < BUDDY_ORDERS; order++)
		bytes += map_words(nr_pages, order) * sizeof(u64);
	return bytes;
}

void buddy_init(struct buddy *buddy, void *memory, size_t nr_pages)
{
	u64 *map = memory;

	for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
		size_t words = map_words(nr_pages, order);

		buddy->free_map[order] = map;
		buddy->free_list[order] = BUDDY_NONE;
		memset(map, 0, words * sizeof(u64));
		map += words;
	}
	buddy->pages = (struct buddy_page *)map;
	buddy->nr_pages = nr_pages;
	buddy->nr_free = 0;
}

static bool heads_free(const struct buddy *buddy, u32 page, unsigned order)
{
	size_t block = page >> order;

	return buddy->free_map[order][block / 64] >> (block % 64) & 1;
}

static void flip(struct buddy *buddy, u32 page, unsigned order)
{
	size_t block = page >> order;

	buddy->free_map[order][block / 64] ^= UINT64_C(1) << (block % 64);
}

static void insert(struct buddy *buddy, u32 page, unsigned order)
{
	u32 next = buddy->free_list[order];

	buddy->pages[page].next = next;
	buddy->pages[page].prev = BUDDY_NONE;
	if (next != BUDDY_NONE)
		buddy->pages[next].prev = page;
	buddy->free_list[order] = page;
	flip(buddy, page, order);
}

static void remove(struct buddy *buddy, u32 page, unsigned order)
{
	u32 next = buddy->pages[page].next, prev = buddy->pages[page].prev;

	if (next != BUDDY_NONE)
		buddy->pages[next].prev = prev;
	if (prev != BUDDY_NONE)
		buddy->pages[prev].next = next;
	else
		buddy->free_list[order] = next;
	flip(buddy, page, order);
}

static void release(struct buddy *buddy, u32 page, unsigned order)
{
	buddy->nr_free += (size_t)1 << order;
	while (order < BUDDY_ORDERS - 1) {
		u32 other = page ^ (UINT32_C(1) << order);

		if (!heads_free(buddy, other, order))
			break;
		remove(buddy, other, order);
		page &= other;
		order++;
	}
	insert(buddy, page, order);
}

void buddy_add(struct buddy *buddy, size_t first, size_t count)
{
	while (count) {
		unsigned order = 0;

		while (order < BUDDY_ORDERS - 1 && !(first >> order & 1) && count >> (order + 1))
			order++;
		release(buddy, (u32)first, order);
		first += (size_t)1 << order;
		count -= (size_t)1 << order;
	}
}

u32 buddy_alloc(struct buddy *buddy, unsigned order)
{
	unsigned from = order;
	u32 page;

	while (from < BUDDY_ORDERS && buddy->free_list[from] == BUDDY_NONE)
		from++;
	if (from >= BUDDY_ORDERS)
		return BUDDY_NONE;
	page = buddy->free_list[from];
	remove(buddy, page, from);
	while (from > order) { /* keep the lower half, free the upper one */
		from--;
		insert(buddy, page + (UINT32_C(1) << from), from);
	}
	buddy->nr_free -= (size_t)1 << order;
	return page;
}

bool buddy_is_free(const struct buddy *buddy, u32 page)
{
	for (unsigned order = 0; order < BUDDY_ORDERS; order++) {
		if (heads_free(buddy, page, order))
			return true;
	}
	return false;
}

/* Whether a smaller block within this one is free. */
static bool holds_free(const struct buddy *buddy, u32 page, unsigned order)
{
	u32 end = page + (UINT32_C(1) << order);

	for (unsigned below = 0; below < order; below++) {
		for (u32 p = page; p < end; p += UINT32_C(1) << below) {
			if (heads_free(buddy, p, below))
				return true;
		}
	}
	return false;
}

bool buddy_free(struct buddy *buddy, u32 page, unsigned order)
{
	u32 pages = UINT32_C(1) << order;

	if (order >= BUDDY_ORDERS || page & (pages - 1) || page >= buddy->nr_pages ||
	    pages > buddy->nr_pages - page)
		return false;
	if (buddy_is_free(buddy, page) || holds_free(buddy, page, order))
		return false;
	release(buddy, page, order);
	return true;
}
