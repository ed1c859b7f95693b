/* SPDX-License-Identifier: MIT */
/*
 * The binary buddy algorithm (Knuth, "The Art of Computer Programming" volume 1, section 2.5
 * "Dynamic Storage Allocation") over page numbers. PURE.
 *
 * Taking over memory is cheap: only the bitmaps, two bits a page, are cleared. An entry of
 * `pages` means nothing until its page heads a free block or has been allocated.
 */
#pragma once

#include <quench/types.h>

#define BUDDY_ORDERS 14
#define BUDDY_NONE   UINT32_MAX

struct buddy_page {
	u32 next, prev; /* of a free block: its list; otherwise the owner's */
	u32 references; /* of an allocated block's first page: the owner's count */
	u8 order;       /* of an allocated block's first page: log2 of its pages */
	u8 owner[3];    /* of an allocated page: the owner's */
};

struct buddy {
	struct buddy_page *pages;
	size_t nr_pages;             /* page numbers are 0 <= n < nr_pages */
	u64 *free_map[BUDDY_ORDERS]; /* bit n: block n of that order heads a list */
	u32 free_list[BUDDY_ORDERS]; /* first page of the first free block */
	size_t nr_free;
};

/* Bytes of memory, 8-byte aligned, that buddy_init needs for nr_pages. */
size_t buddy_bytes(size_t nr_pages);
/* Starts with no page at all. `memory` of buddy_bytes(nr_pages) bytes stays the allocator's. */
void buddy_init(struct buddy *buddy, void *memory, size_t nr_pages);
/* Hands over `count` pages from `first` on, none of which it has. */
void buddy_add(struct buddy *buddy, size_t first, size_t count);

/* The first page of 2^order free ones, aligned to their number; BUDDY_NONE when there are none. */
u32 buddy_alloc(struct buddy *buddy, unsigned order);
/* Gives a block back. False, with nothing changed, when it is no block or (part of) it is free. */
bool buddy_free(struct buddy *buddy, u32 page, unsigned order);
/* Whether the page is part of a free block. */
bool buddy_is_free(const struct buddy *buddy, u32 page);
