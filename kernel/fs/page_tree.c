/* SPDX-License-Identifier: MIT */
/* A radix tree of words by number. PURE. */
#include <kernel/fs/page_tree.h>

static struct page_tree_node *node_at(u64 word)
{
	return (struct page_tree_node *)word;
}

/* Whether `index` lies within what a tree of this height spans. */
static bool spans(unsigned height, u64 index)
{
	unsigned shift = height * PAGE_TREE_SHIFT;

	return shift >= 64 || !(index >> shift);
}

static unsigned slot_of(u64 index, unsigned height)
{
	return (unsigned)(index >> ((height - 1) * PAGE_TREE_SHIFT)) & (PAGE_TREE_SLOTS - 1);
}

u64 page_tree_get(const struct page_tree *tree, u64 index)
{
	u64 word = tree->root;

	if (!spans(tree->height, index))
		return 0;
	for (unsigned height = tree->height; height && word; height--)
		word = node_at(word)->slot[slot_of(index, height)];
	return word;
}

/* Puts nodes on top until `index` is spanned. */
static bool raise(struct page_tree *tree, u64 index, const struct page_tree_memory *memory)
{
	while (!spans(tree->height, index)) {
		struct page_tree_node *node = NULL;

		/* An empty tree grows for free. */
		if (tree->root) {
			node = memory->alloc(sizeof(*node));
			if (!node)
				return false;
			node->slot[0] = tree->root;
			tree->root = (u64)node;
		}
		tree->height++;
	}
	return true;
}

bool page_tree_set(struct page_tree *tree, u64 index, u64 value,
		   const struct page_tree_memory *memory)
{
	u64 *word = &tree->root;

	if (!raise(tree, index, memory))
		return false;
	for (unsigned height = tree->height; height; height--) {
		if (!*word)
			*word = (u64)memory->alloc(sizeof(struct page_tree_node));
		if (!*word)
			return false;
		word = &node_at(*word)->slot[slot_of(index, height)];
	}
	*word = value;
	return true;
}

struct cut {
	u64 first;
	void (*drop)(u64 value);
	const struct page_tree_memory *memory;
};

/* Cuts the subtree behind `word`, whose lowest number is `base`; true when nothing is left. */
static bool cut_below(u64 *word, unsigned height, u64 base, const struct cut *cut)
{
	unsigned shift = height ? (height - 1) * PAGE_TREE_SHIFT : 0;
	bool empty = true;

	if (!*word)
		return true;
	if (!height) {
		if (base < cut->first)
			return false;
		cut->drop(*word);
		*word = 0;
		return true;
	}
	for (unsigned i = 0; i < PAGE_TREE_SLOTS; i++) {
		u64 low = base + ((u64)i << shift), last = low + ((UINT64_C(1) << shift) - 1);

		if (last < cut->first)
			empty &= !node_at(*word)->slot[i];
		else
			empty &= cut_below(&node_at(*word)->slot[i], height - 1, low, cut);
	}
	if (empty) {
		cut->memory->free(node_at(*word));
		*word = 0;
	}
	return empty;
}

void page_tree_cut(struct page_tree *tree, u64 first, void (*drop)(u64 value),
		   const struct page_tree_memory *memory)
{
	const struct cut cut = { first, drop, memory };

	if (cut_below(&tree->root, tree->height, 0, &cut))
		tree->height = 0;
}
