/* SPDX-License-Identifier: MIT */
/* Anonymous memory that several mappings share: a tree of pages, filled on demand. */
#include <arch/spinlock.h>
#include <asm/errno.h>
#include <kernel/fs/page_tree.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <kernel/mm/shared_memory.h>

struct shared_memory {
	u32 references;            /* atomic */
	struct arch_spinlock lock; /* protects `pages` */
	struct page_tree pages;
	u64 bytes;
};

static const struct page_tree_memory node_memory = { kzalloc, kfree };

struct shared_memory *shared_memory_create(u64 bytes)
{
	struct shared_memory *memory = kzalloc(sizeof(*memory));

	if (!memory)
		return NULL;
	memory->references = 1;
	memory->bytes = bytes;
	return memory;
}

void shared_memory_get(struct shared_memory *memory)
{
	__atomic_fetch_add(&memory->references, 1, __ATOMIC_RELAXED);
}

void shared_memory_put(struct shared_memory *memory)
{
	if (__atomic_sub_fetch(&memory->references, 1, __ATOMIC_ACQ_REL))
		return;
	page_tree_cut(&memory->pages, 0, page_put, &node_memory);
	kfree(memory);
}

static paddr_t find(struct shared_memory *memory, u64 index)
{
	paddr_t page;

	arch_spin_lock(&memory->lock);
	page = page_tree_get(&memory->pages, index);
	if (page)
		page_get(page);
	arch_spin_unlock(&memory->lock);
	return page;
}

/* Puts a fresh page in, unless another processor has been faster; the one that is there then. */
static paddr_t put_in(struct shared_memory *memory, u64 index, paddr_t fresh)
{
	paddr_t page;

	arch_spin_lock(&memory->lock);
	page = page_tree_get(&memory->pages, index);
	if (!page && page_tree_set(&memory->pages, index, fresh, &node_memory))
		page = fresh;
	if (page)
		page_get(page);
	arch_spin_unlock(&memory->lock);
	return page;
}

int shared_memory_page(struct shared_memory *memory, u64 index, paddr_t *page)
{
	paddr_t fresh;

	if (index >= ALIGN_UP(memory->bytes, PAGE_BYTES) >> PAGE_SHIFT)
		return -EIO;
	*page = find(memory, index);
	if (*page)
		return 0;
	fresh = page_alloc_zeroed();
	if (!fresh)
		return -ENOMEM;
	*page = put_in(memory, index, fresh);
	if (*page != fresh)
		page_put(fresh);
	return *page ? 0 : -ENOMEM;
}
