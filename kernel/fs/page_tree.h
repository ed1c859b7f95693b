/* SPDX-License-Identifier: MIT */
/*
 * A file's pages by their number: a radix tree as high as its highest page needs. A file of one
 * page needs no node at all. PURE: the caller brings memory and locking.
 */
#pragma once

#include <quench/types.h>

#define PAGE_TREE_SHIFT 6
#define PAGE_TREE_SLOTS (1u << PAGE_TREE_SHIFT)
/* Page numbers are below this: what a 63-bit file size can have. */
#define PAGE_TREE_MAX (UINT64_C(1) << 51)

/* A value is any non-zero word: the page's physical address. */
struct page_tree {
	u64 root;        /* height 0: the value of page 0; above: the address of a node */
	unsigned height; /* of nodes above the values */
};

struct page_tree_node {
	u64 slot[PAGE_TREE_SLOTS];
};

/* Where nodes come from: zeroed, or NULL when memory is out. */
struct page_tree_memory {
	void *(*alloc)(size_t bytes);
	void (*free)(void *node);
};

/* The value at `index`, 0: none. */
u64 page_tree_get(const struct page_tree *tree, u64 index);
/* Puts a value where none is, or replaces one. False, with nothing changed, without memory. */
bool page_tree_set(struct page_tree *tree, u64 index, u64 value,
		   const struct page_tree_memory *memory);
/* Takes out every value with a number of `first` or above, handing each to `drop`. */
void page_tree_cut(struct page_tree *tree, u64 first, void (*drop)(u64 value),
		   const struct page_tree_memory *memory);
