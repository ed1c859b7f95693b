/* SPDX-License-Identifier: MIT */
/* A program's memory from its making to its end: areas as a whole, fork. */
#include <arch/tlb.h>
#include <arch/user_pages.h>
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/fs/inode.h>
#include <kernel/mm/aspace_parts.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/shared_memory.h>
#include <kernel/proc/process.h>
#include <quench/upcalls.h>

#define SPARES_KEPT   (VMA_HEADROOM + 2)
#define MMAP_ROOM_MAX GIB(16) /* for the stack, whatever its limit */

void aspace_get_object(const struct vma *area)
{
	if (area->kind == VMA_FILE)
		inode_get(area->object);
	else if (area->kind == VMA_SHARED)
		shared_memory_get(area->object);
}

void aspace_put_object(const struct vma *area)
{
	if (area->kind == VMA_FILE)
		inode_put(area->object);
	else if (area->kind == VMA_SHARED)
		shared_memory_put(area->object);
}

static u64 limit_of(unsigned which, u64 otherwise)
{
	const struct task *task = task_current();

	return task && task->process ? READ_ONCE(task->process->limits[which].rlim_cur) : otherwise;
}

u64 aspace_stack_limit(void)
{
	return limit_of(RLIMIT_STACK, ASPACE_STACK_BYTES);
}

bool aspace_has_room(const struct aspace *aspace, u64 bytes)
{
	u64 limit = limit_of(RLIMIT_AS, UINT64_MAX);

	return aspace->mapped <= limit && bytes <= limit - aspace->mapped;
}

/* Mappings leave the stack what it may have, within reason. */
static vaddr_t mmap_top(void)
{
	u64 room = aspace_stack_limit();

	if (room < ASPACE_STACK_BYTES)
		room = ASPACE_STACK_BYTES;
	if (room > MMAP_ROOM_MAX)
		room = MMAP_ROOM_MAX;
	return ALIGN_DOWN(ASPACE_STACK_TOP - room, PAGE_BYTES) - ASPACE_GUARD_BYTES;
}

struct aspace *aspace_create(void)
{
	struct aspace *aspace = kzalloc(sizeof(*aspace));

	if (!aspace)
		return NULL;
	if (arch_aspace_create(&aspace->arch)) {
		kfree(aspace);
		return NULL;
	}
	aspace->references = 1;
	aspace->mmap_top = mmap_top();
	aspace->areas.get = aspace_get_object;
	aspace->areas.put = aspace_put_object;
	rw_init(&aspace->lock);
	arch_spin_init(&aspace->pages_lock);
	return aspace;
}

void aspace_get(struct aspace *aspace)
{
	__atomic_fetch_add(&aspace->references, 1, __ATOMIC_RELAXED);
}

static void drop_page(void *context, paddr_t page)
{
	aspace_drop_page(page);
}

static void drop_table(void *context, paddr_t page)
{
	kernel_table_page_free(page);
}

/* Tables are looked at from below: what lies below an area has gone when its turn comes. */
static void drop_area(struct aspace *aspace, struct vma *area)
{
	vaddr_t ceiling = area->next ? area->next->start : ARCH_USER_LIMIT;

	arch_unmap_range(&aspace->arch, area->start, area->end, drop_page, NULL);
	arch_free_tables(&aspace->arch, area->start, area->end, 0, ceiling, drop_table, NULL);
	aspace_put_object(area);
}

static void free_spares(struct vma_set *set, size_t rest)
{
	while (set->nr_spare > rest)
		kfree(vma_set_take(set));
}

/* Nobody uses it any more; a processor that has it loaded without need leaves it with the flush. */
static void destroy(struct aspace *aspace)
{
	struct vma *area, *next;

	arch_tlb_flush(&aspace->arch, 0, ARCH_USER_LIMIT);
	for (area = aspace->areas.first; area; area = next) {
		next = area->next;
		drop_area(aspace, area);
		kfree(area);
	}
	free_spares(&aspace->areas, 0);
	arch_aspace_destroy(&aspace->arch);
	inode_put(aspace->name);
	kfree(aspace);
}

void aspace_put(struct aspace *aspace)
{
	if (!__atomic_sub_fetch(&aspace->references, 1, __ATOMIC_ACQ_REL))
		destroy(aspace);
}

int aspace_reserve(struct aspace *aspace)
{
	struct vma *spare;

	while (aspace->areas.nr_spare < VMA_HEADROOM) {
		spare = kmalloc(sizeof(*spare));
		if (!spare)
			return -ENOMEM;
		vma_set_give(&aspace->areas, spare);
	}
	free_spares(&aspace->areas, SPARES_KEPT);
	return 0;
}

int aspace_map_area(struct aspace *aspace, const struct vma *area)
{
	int error = aspace_reserve(aspace);

	if (!error)
		error = vma_map(&aspace->areas, area);
	if (!error)
		aspace->mapped += area->end - area->start;
	return error;
}

int aspace_add(struct aspace *aspace, const struct vma *area)
{
	int error;

	aspace_write_lock(aspace);
	error = aspace_map_area(aspace, area);
	aspace_write_unlock(aspace);
	return error;
}

int aspace_add_stack(struct aspace *aspace)
{
	const struct vma stack = {
		.start = ASPACE_STACK_TOP - ASPACE_STACK_START,
		.end = ASPACE_STACK_TOP,
		.prot = PROT_READ | PROT_WRITE,
		.kind = VMA_ANONYMOUS,
		.flags = VMA_GROWS_DOWN | VMA_MAY_WRITE,
	};

	return aspace_add(aspace, &stack);
}

static int copy_areas(struct aspace *child, const struct aspace *parent)
{
	while (child->areas.nr_spare < parent->areas.count) {
		struct vma *spare = kmalloc(sizeof(*spare));

		if (!spare)
			return -ENOMEM;
		vma_set_give(&child->areas, spare);
	}
	child->heap_start = parent->heap_start;
	child->heap_end = parent->heap_end;
	child->mmap_top = parent->mmap_top;
	child->mapped = parent->mapped;
	return vma_copy(&child->areas, &parent->areas);
}

/* Shared areas need no pages: faults bring them. */
static int share_pages(struct aspace *child, struct aspace *parent)
{
	const struct vma *area = parent->areas.first;
	int error = 0;

	for (; area && !error; area = area->next) {
		if (area->flags & VMA_IS_SHARED)
			continue;
		child->resident += arch_share_range(&parent->arch, &child->arch, area->start,
						    area->end, aspace_share_page, &error);
	}
	return error;
}

struct aspace *aspace_fork(struct aspace *parent)
{
	struct aspace *child = aspace_create();
	int error;

	if (!child)
		return NULL;
	child->name = parent->name ? inode_get(parent->name) : NULL;
	aspace_write_lock(parent);
	error = copy_areas(child, parent);
	if (!error)
		error = share_pages(child, parent);
	arch_tlb_flush(&parent->arch, 0, ARCH_USER_LIMIT);
	aspace_write_unlock(parent);
	if (!error)
		return child;
	aspace_put(child);
	return NULL;
}
