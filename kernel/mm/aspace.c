/* SPDX-License-Identifier: MIT */
/* A program's memory: areas, demand paging, and writing into them from outside. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/fs/inode.h>
#include <kernel/mm/aspace.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/page.h>
#include <quench/string.h>

struct aspace *aspace_create(void)
{
	struct aspace *aspace = kzalloc(sizeof(*aspace));

	if (!aspace)
		return NULL;
	if (arch_aspace_create(&aspace->arch)) {
		kfree(aspace);
		return NULL;
	}
	return aspace;
}

/* The first mapped page in [start,end), or `end`. */
static vaddr_t next_page(const struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	return aspace->resident ? arch_next_mapped(&aspace->arch, start, end) : end;
}

static void drop_pages(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	while ((start = next_page(aspace, start, end)) < end) {
		page_put(arch_unmap(&aspace->arch, start));
		aspace->resident--;
	}
}

void aspace_destroy(struct aspace *aspace)
{
	drop_pages(aspace, 0, ARCH_USER_LIMIT);
	arch_aspace_destroy(&aspace->arch);
	kfree(aspace->areas.areas);
	kfree(aspace);
}

/* Makes room for the areas one change may need. */
static int reserve_areas(struct vma_set *set)
{
	size_t capacity = set->capacity ? set->capacity * 2 : 16;
	struct vma *areas;

	if (set->capacity - set->count >= VMA_HEADROOM)
		return 0;
	areas = kmalloc(capacity * sizeof(*areas));
	if (!areas)
		return -ENOMEM;
	if (set->count)
		memcpy(areas, set->areas, set->count * sizeof(*areas));
	kfree(set->areas);
	set->areas = areas;
	set->capacity = capacity;
	return 0;
}

int aspace_add(struct aspace *aspace, const struct vma *area)
{
	return reserve_areas(&aspace->areas) ? -ENOMEM : vma_map(&aspace->areas, area);
}

int aspace_add_stack(struct aspace *aspace)
{
	struct vma stack = {
		.start = ASPACE_STACK_TOP - ASPACE_STACK_BYTES,
		.end = ASPACE_STACK_TOP,
		.prot = PROT_READ | PROT_WRITE,
		.kind = VMA_ANONYMOUS,
	};
	struct vma guard = {
		.start = stack.start - ASPACE_GUARD_BYTES,
		.end = stack.start,
		.prot = PROT_NONE,
		.kind = VMA_GUARD,
	};
	int error = aspace_add(aspace, &stack);

	return error ? error : aspace_add(aspace, &guard);
}

/* x86 has no page that can be written or run but not read. */
static unsigned arch_prot(unsigned prot)
{
	if (!(prot & (PROT_READ | PROT_WRITE | PROT_EXEC)))
		return 0;
	return ARCH_USER | ARCH_READ | (prot & PROT_WRITE ? ARCH_WRITE : 0) |
	       (prot & PROT_EXEC ? ARCH_EXEC : 0);
}

static int unmap(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	int error = reserve_areas(&aspace->areas);

	if (error)
		return error;
	error = vma_unmap(&aspace->areas, start, end);
	if (!error)
		drop_pages(aspace, start, end);
	return error;
}

int aspace_munmap(struct aspace *aspace, vaddr_t address, u64 bytes)
{
	if (address & PAGE_MASK || !bytes || address > ARCH_USER_LIMIT ||
	    bytes > ARCH_USER_LIMIT - address)
		return -EINVAL;
	return unmap(aspace, address, address + ALIGN_UP(bytes, PAGE_BYTES));
}

int aspace_mprotect(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot)
{
	vaddr_t done;
	int error;

	if (address & PAGE_MASK)
		return -EINVAL;
	if (!bytes)
		return 0;
	if (address > ARCH_USER_LIMIT || bytes > ARCH_USER_LIMIT - address)
		return -ENOMEM;
	if (prot & ~(unsigned)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	if (reserve_areas(&aspace->areas))
		return -ENOMEM;
	bytes = ALIGN_UP(bytes, PAGE_BYTES);
	prot &= PROT_READ | PROT_WRITE | PROT_EXEC;
	error = vma_protect(&aspace->areas, address, address + bytes, prot, &done);
	for (; (address = next_page(aspace, address, done)) < done; address += PAGE_BYTES)
		arch_protect(&aspace->arch, address, arch_prot(prot));
	return error;
}

/* Refuses what all the machine's memory could never hold, as Linux's overcommit heuristic does. */
static bool hopeless(u64 bytes, unsigned prot, unsigned flags)
{
	return prot & PROT_WRITE && !(flags & MAP_NORESERVE) &&
	       bytes >> PAGE_SHIFT > page_total_count();
}

/* Where a mapping goes: 0 with *at filled. */
static int place(struct aspace *aspace, vaddr_t wish, u64 bytes, unsigned flags, vaddr_t *at)
{
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	bool fits = wish <= ARCH_USER_LIMIT - bytes;

	*at = fixed ? wish : ALIGN_UP(wish, PAGE_BYTES);
	if (fixed) {
		if (!fits)
			return -ENOMEM;
		if (wish & PAGE_MASK)
			return -EINVAL;
		if (wish < ASPACE_LOW)
			return -EPERM;
		if (flags & MAP_FIXED_NOREPLACE)
			return vma_overlaps(&aspace->areas, wish, wish + bytes) ? -EEXIST : 0;
		return unmap(aspace, wish, wish + bytes);
	}
	if (fits && *at >= ASPACE_LOW && *at <= ARCH_USER_LIMIT - bytes &&
	    !vma_overlaps(&aspace->areas, *at, *at + bytes))
		return 0;
	*at = vma_find_gap(&aspace->areas, bytes, ASPACE_LOW,
			   ASPACE_STACK_TOP - ASPACE_STACK_BYTES - ASPACE_GUARD_BYTES);
	return *at ? 0 : -ENOMEM;
}

/* Puts the pages of a MAP_POPULATE mapping there; what fails comes again as a fault. */
static void populate(struct aspace *aspace, vaddr_t start, vaddr_t end, unsigned prot)
{
	enum aspace_access access = prot & PROT_WRITE ? ASPACE_WRITE : ASPACE_READ;

	while (start < end && !aspace_fault(aspace, start, access))
		start += PAGE_BYTES;
}

s64 aspace_mmap(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot, unsigned flags,
		const struct inode *inode, u64 offset)
{
	struct vma area = { .prot = prot & (PROT_READ | PROT_WRITE | PROT_EXEC) };
	int error;

	if (!bytes)
		return -EINVAL;
	bytes = ALIGN_UP(bytes, PAGE_BYTES);
	if (!bytes || bytes > ARCH_USER_LIMIT || hopeless(bytes, prot, flags))
		return -ENOMEM;
	if (offset + bytes < offset)
		return -EOVERFLOW;
	if (reserve_areas(&aspace->areas))
		return -ENOMEM;
	error = place(aspace, address, bytes, flags, &area.start);
	if (error)
		return error;
	area.end = area.start + bytes;
	area.kind = inode ? VMA_FILE : VMA_ANONYMOUS;
	area.object = inode;
	area.offset = inode ? offset : 0;
	error = aspace_add(aspace, &area);
	if (error)
		return error;
	if (flags & (MAP_POPULATE | MAP_LOCKED) && area.prot)
		populate(aspace, area.start, area.end, area.prot);
	return (s64)area.start;
}

vaddr_t aspace_brk(struct aspace *aspace, vaddr_t end)
{
	vaddr_t old_top = ALIGN_UP(aspace->heap_end, PAGE_BYTES), top;
	struct vma area = { .prot = PROT_READ | PROT_WRITE, .kind = VMA_ANONYMOUS };

	if (end < aspace->heap_start || end > ARCH_USER_LIMIT - PAGE_BYTES)
		return aspace->heap_end;
	top = ALIGN_UP(end, PAGE_BYTES);
	area.start = old_top;
	area.end = top;
	if (top > old_top &&
	    (hopeless(top - aspace->heap_start, PROT_WRITE, 0) || aspace_add(aspace, &area)))
		return aspace->heap_end;
	if (top < old_top && unmap(aspace, top, old_top))
		return aspace->heap_end;
	aspace->heap_end = end;
	return end;
}

static bool allows(unsigned prot, enum aspace_access access)
{
	switch (access) {
	case ASPACE_WRITE:
		return prot & PROT_WRITE;
	case ASPACE_FETCH:
		return prot & PROT_EXEC;
	default:
		return prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
	}
}

/* Copies what the mapped file has for the page at `address`; the rest of the page stays zero. */
static int fill(const struct vma *area, vaddr_t address, u8 *page)
{
	const struct inode *inode = area->object;
	u64 offset = area->offset + (address - area->start), n;

	if (area->kind != VMA_FILE)
		return 0;
	if (offset >= inode->bytes)
		return -EIO;
	n = inode->bytes - offset;
	memcpy(page, inode->data + offset, n < PAGE_BYTES ? n : PAGE_BYTES);
	return 0;
}

/* Puts a page where none is. */
static int bring_in(struct aspace *aspace, const struct vma *area, vaddr_t address)
{
	paddr_t page = page_alloc_zeroed();
	int error;

	if (!page)
		return -ENOMEM;
	error = fill(area, address, arch_direct_map(page));
	if (!error)
		error = arch_map(&aspace->arch, address, page, arch_prot(area->prot));
	if (error)
		page_put(page);
	else
		aspace->resident++;
	return error;
}

/* The page at a page-aligned address, brought in where it is missing. */
static int ensure(struct aspace *aspace, const struct vma *area, vaddr_t address, paddr_t *page)
{
	int error = 0;

	*page = arch_translate(&aspace->arch, address, NULL);
	if (!*page) {
		error = bring_in(aspace, area, address);
		*page = arch_translate(&aspace->arch, address, NULL);
	}
	return error;
}

int aspace_fault(struct aspace *aspace, vaddr_t address, enum aspace_access access)
{
	const struct vma *area = vma_find(&aspace->areas, address);
	vaddr_t start = ALIGN_DOWN(address, PAGE_BYTES);
	paddr_t page;

	if (!area || area->kind == VMA_GUARD)
		return -EFAULT;
	if (!allows(area->prot, access))
		return -EACCES;
	if (!arch_translate(&aspace->arch, start, NULL))
		return ensure(aspace, area, start, &page);
	/* A page that is there with too few rights, or a stale translation. */
	arch_protect(&aspace->arch, start, arch_prot(area->prot));
	return 0;
}

/* The bytes at `address` through the direct map; *n becomes how many of them stand together. */
static int reach(struct aspace *aspace, vaddr_t address, size_t *n, u8 **bytes)
{
	const struct vma *area = vma_find(&aspace->areas, address);
	size_t rest = PAGE_BYTES - (address & PAGE_MASK);
	paddr_t page;
	int error;

	if (!area || area->kind == VMA_GUARD)
		return -EFAULT;
	error = ensure(aspace, area, ALIGN_DOWN(address, PAGE_BYTES), &page);
	if (error)
		return error;
	*bytes = (u8 *)arch_direct_map(page) + (address & PAGE_MASK);
	if (*n > rest)
		*n = rest;
	return 0;
}

int aspace_write(struct aspace *aspace, vaddr_t to, const void *from, size_t n)
{
	const u8 *source = from;

	while (n) {
		size_t part = n;
		u8 *bytes;
		int error = reach(aspace, to, &part, &bytes);

		if (error)
			return error;
		memcpy(bytes, source, part);
		to += part;
		source += part;
		n -= part;
	}
	return 0;
}

int aspace_clear(struct aspace *aspace, vaddr_t to, size_t n)
{
	while (n) {
		size_t part = n;
		u8 *bytes;
		int error = reach(aspace, to, &part, &bytes);

		if (error)
			return error;
		memset(bytes, 0, part);
		to += part;
		n -= part;
	}
	return 0;
}
