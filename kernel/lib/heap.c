/* SPDX-License-Identifier: MIT */
/* A pairing heap. PURE. */
#include <kernel/lib/heap.h>

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	s64 difference = (s64)(a->key - b->key);

	return difference ? difference < 0 : (s32)(a->order - b->order) < 0;
}

static void set_link(struct heap_node **link, struct heap_node *node)
{
	*link = node;
	if (node)
		node->link = link;
}

/* Two trees become one: the larger root is the first child of the smaller. */
static struct heap_node *meld(struct heap_node *a, struct heap_node *b)
{
	struct heap_node *swap = a;

	if (!a)
		return b;
	if (!b)
		return a;
	if (before(b, a)) {
		a = b;
		b = swap;
	}
	set_link(&b->sibling, a->child);
	set_link(&a->child, b);
	return a;
}

/* The children of a root that goes: paired from the left, then the pairs melded from the right. */
static struct heap_node *meld_children(struct heap_node *child)
{
	struct heap_node *pairs = NULL, *root = NULL;

	while (child) {
		struct heap_node *a = child, *b = a->sibling;

		child = b ? b->sibling : NULL;
		a->sibling = NULL;
		if (b)
			b->sibling = NULL;
		a = meld(a, b);
		a->sibling = pairs; /* a stack of pairs, linked for a moment only */
		pairs = a;
	}
	while (pairs) {
		struct heap_node *next = pairs->sibling;

		pairs->sibling = NULL;
		root = meld(root, pairs);
		pairs = next;
	}
	return root;
}

void heap_join(struct heap *heap, struct heap_node *node)
{
	set_link(&heap->first, meld(heap->first, node));
}

void heap_leave(struct heap *heap, struct heap_node *node)
{
	struct heap_node *rest = node->child ? meld_children(node->child) : NULL;

	set_link(node->link, node->sibling);
	node->child = node->sibling = NULL;
	set_link(&heap->first, meld(heap->first, rest));
}
