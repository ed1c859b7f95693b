/* SPDX-License-Identifier: MIT */
/* A small stack of pages, for one processor's use: last in, first out, for what was used last is
 * still in its data cache. PURE; the caller sees to it that nobody disturbs. */
#pragma once

#include <quench/types.h>

#define PAGE_STACK_MAX 62 /* 256 bytes together */

struct page_stack {
	u32 count;
	u32 limit; /* how many it may hold; 0: not yet set up */
	u32 pages[PAGE_STACK_MAX];
};

static inline bool page_stack_push(struct page_stack *stack, u32 page)
{
	if (stack->count >= stack->limit)
		return false;
	stack->pages[stack->count++] = page;
	return true;
}

/* Only from one that is not empty. */
static inline u32 page_stack_pop(struct page_stack *stack)
{
	return stack->pages[--stack->count];
}
