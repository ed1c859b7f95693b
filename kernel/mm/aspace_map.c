/* SPDX-License-Identifier: MIT */
/* The calls that change a program's areas: mmap and its family. */
#include <arch/tlb.h>
#include <arch/user_pages.h>
#include <asm/errno.h>
#include <kernel/fs/inode.h>
#include <kernel/mm/aspace_parts.h>
#include <kernel/mm/shared_memory.h>
#include <linux/mman.h>
#include <quench/upcalls.h>

#define PROT_ALL   (PROT_READ | PROT_WRITE | PROT_EXEC)
#define BATCH      64          /* pages or tables given up between two flushes */
#define TABLE_MARK UINT64_C(1) /* in a batch: a table, not a page */

/* --- taking pages away --- */

/* Pages that nobody can reach any more once the range has been flushed. */
struct batch {
	struct aspace *aspace;
	vaddr_t start, end;
	unsigned n;
	paddr_t pages[BATCH];
};

static void batch_free(struct batch *batch)
{
	if (!batch->n)
		return;
	arch_tlb_flush(&batch->aspace->arch, batch->start, batch->end);
	for (unsigned i = 0; i < batch->n; i++) {
		if (batch->pages[i] & TABLE_MARK)
			kernel_table_page_free(batch->pages[i] & ~TABLE_MARK);
		else
			aspace_drop_page(batch->pages[i]);
	}
	batch->n = 0;
}

static void batch_add(struct batch *batch, paddr_t what)
{
	if (batch->n == BATCH)
		batch_free(batch);
	batch->pages[batch->n++] = what;
}

static void add_page(void *context, paddr_t page)
{
	struct batch *batch = context;

	batch->aspace->resident--;
	batch_add(batch, page);
}

static void add_table(void *context, paddr_t page)
{
	batch_add(context, page | TABLE_MARK);
}

static void batch_init(struct batch *batch, struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	batch->aspace = aspace;
	batch->start = start;
	batch->end = end;
	batch->n = 0;
}

void aspace_zap(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	struct batch batch;

	batch_init(&batch, aspace, start, end);
	arch_unmap_range(&aspace->arch, start, end, add_page, &batch);
	batch_free(&batch);
}

/* Takes pages and tables away, the areas having gone already. */
static void clear_out(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	const struct vma *next = vma_first_above(&aspace->areas, start);
	const struct vma *before = next ? next->prev : aspace->areas.last;
	struct batch batch;

	batch_init(&batch, aspace, start, end);
	arch_unmap_range(&aspace->arch, start, end, add_page, &batch);
	arch_free_tables(&aspace->arch, start, end, before ? before->end : 0,
			 next ? next->start : ARCH_USER_LIMIT, add_table, &batch);
	batch_free(&batch);
}

/* Bytes of [start,end) that areas cover. */
static u64 covered(const struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	const struct vma *area = vma_first_above(&aspace->areas, start);
	u64 bytes = 0;

	for (; area && area->start < end; area = area->next)
		bytes += (area->end < end ? area->end : end) -
			 (area->start > start ? area->start : start);
	return bytes;
}

int aspace_unmap(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	u64 bytes = covered(aspace, start, end);
	int error;

	if (!bytes)
		return 0;
	error = aspace_reserve(aspace);
	if (!error)
		error = vma_unmap(&aspace->areas, start, end);
	if (error)
		return error;
	aspace->mapped -= bytes;
	clear_out(aspace, start, end);
	return 0;
}

/* [address, address+bytes) in the user's half, page-aligned at its start. */
static bool is_range(vaddr_t address, u64 bytes)
{
	return !(address & PAGE_MASK) && address <= ARCH_USER_LIMIT &&
	       bytes <= ARCH_USER_LIMIT - address;
}

int aspace_munmap(struct aspace *aspace, vaddr_t address, u64 bytes)
{
	int error;

	if (!bytes || !is_range(address, bytes))
		return -EINVAL;
	aspace_write_lock(aspace);
	error = aspace_unmap(aspace, address, address + ALIGN_UP(bytes, PAGE_BYTES));
	aspace_write_unlock(aspace);
	return error;
}

/* --- protection --- */

static int protect(struct aspace *aspace, vaddr_t start, vaddr_t end, unsigned prot)
{
	vaddr_t done;
	int error = aspace_reserve(aspace);

	if (error)
		return error;
	error = vma_protect(&aspace->areas, start, end, prot, &done);
	if (arch_protect_range(&aspace->arch, start, done, aspace_arch_prot(prot)))
		arch_tlb_flush(&aspace->arch, start, done);
	return error;
}

int aspace_mprotect(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot)
{
	int error;

	if (address & PAGE_MASK)
		return -EINVAL;
	if (!bytes)
		return 0;
	if (!is_range(address, bytes))
		return -ENOMEM;
	if (prot & ~(unsigned)(PROT_ALL | PROT_SEM))
		return -EINVAL;
	aspace_write_lock(aspace);
	error = protect(aspace, address, address + ALIGN_UP(bytes, PAGE_BYTES), prot & PROT_ALL);
	aspace_write_unlock(aspace);
	return error;
}

/* --- mapping --- */

/* Refuses what all the machine's memory could never hold, as Linux's overcommit heuristic does. */
static bool hopeless(u64 bytes, unsigned prot, unsigned flags)
{
	return prot & PROT_WRITE && !(flags & MAP_NORESERVE) &&
	       bytes >> PAGE_SHIFT > page_total_count();
}

/* A fixed place: 0 once it is free. */
static int place_fixed(struct aspace *aspace, vaddr_t at, u64 bytes, unsigned flags)
{
	if (at > ARCH_USER_LIMIT - bytes)
		return -ENOMEM;
	if (at & PAGE_MASK)
		return -EINVAL;
	if (at < ASPACE_LOW)
		return -EPERM;
	if (flags & MAP_FIXED_NOREPLACE)
		return vma_overlaps(&aspace->areas, at, at + bytes) ? -EEXIST : 0;
	return aspace_unmap(aspace, at, at + bytes);
}

/* Where a mapping goes: 0 with *at filled. */
static int place(struct aspace *aspace, vaddr_t wish, u64 bytes, unsigned flags, vaddr_t *at)
{
	*at = wish;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return place_fixed(aspace, wish, bytes, flags);
	*at = ALIGN_UP(wish, PAGE_BYTES);
	if (wish <= ARCH_USER_LIMIT - bytes && *at >= ASPACE_LOW &&
	    *at <= ARCH_USER_LIMIT - bytes && !vma_overlaps(&aspace->areas, *at, *at + bytes))
		return 0;
	*at = vma_find_gap(&aspace->areas, bytes, ASPACE_LOW, aspace->mmap_top);
	return *at ? 0 : -ENOMEM;
}

/* What the new area shows, with a reference. */
static int give_object(struct vma *area, u64 bytes, struct inode *inode, u64 offset)
{
	if (inode) {
		area->kind = VMA_FILE;
		area->object = inode_get(inode);
		area->offset = offset;
	} else if (area->flags & VMA_IS_SHARED) {
		area->kind = VMA_SHARED;
		area->object = shared_memory_create(bytes);
		return area->object ? 0 : -ENOMEM;
	}
	return 0;
}

static int map(struct aspace *aspace, struct vma *area, vaddr_t wish, u64 bytes, unsigned flags)
{
	int error = aspace_reserve(aspace);

	if (!error && !aspace_has_room(aspace, bytes))
		error = -ENOMEM;
	if (!error)
		error = place(aspace, wish, bytes, flags, &area->start);
	area->end = area->start + bytes;
	return error ? error : aspace_map_area(aspace, area);
}

/* Puts the pages of a MAP_POPULATE mapping there; what fails comes again as a fault. */
static void populate(struct aspace *aspace, vaddr_t start, vaddr_t end, unsigned prot)
{
	enum aspace_access access = prot & PROT_WRITE ? ASPACE_WRITE : ASPACE_READ;

	while (start < end && !aspace_fault(aspace, start, access))
		start += PAGE_BYTES;
}

s64 aspace_mmap(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot, unsigned flags,
		struct inode *inode, u64 offset, bool may_write)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
	struct vma area = {
		.prot = prot & PROT_ALL,
		.flags = (shared ? VMA_IS_SHARED : 0) |
			 (!shared || !inode || may_write ? VMA_MAY_WRITE : 0) |
			 (flags & MAP_GROWSDOWN ? VMA_GROWS_DOWN : 0),
	};
	int error;

	if (!bytes)
		return -EINVAL;
	bytes = ALIGN_UP(bytes, PAGE_BYTES);
	if (!bytes || bytes > ARCH_USER_LIMIT || hopeless(bytes, prot, flags))
		return -ENOMEM;
	if (offset + bytes < offset)
		return -EOVERFLOW;
	error = give_object(&area, bytes, inode, offset);
	if (error)
		return error;
	aspace_write_lock(aspace);
	error = map(aspace, &area, address, bytes, flags);
	aspace_write_unlock(aspace);
	if (error) {
		aspace_put_object(&area);
		return error;
	}
	if (flags & (MAP_POPULATE | MAP_LOCKED) && area.prot)
		populate(aspace, area.start, area.end, area.prot);
	return (s64)area.start;
}

/* --- the heap --- */

static bool move_heap(struct aspace *aspace, vaddr_t end)
{
	vaddr_t old_top = ALIGN_UP(aspace->heap_end, PAGE_BYTES);
	vaddr_t top = ALIGN_UP(end, PAGE_BYTES);
	struct vma area = {
		.start = old_top,
		.end = top,
		.prot = PROT_READ | PROT_WRITE,
		.kind = VMA_ANONYMOUS,
		.flags = VMA_MAY_WRITE,
	};

	if (end < aspace->heap_start || end > ARCH_USER_LIMIT - PAGE_BYTES)
		return false;
	if (top < old_top)
		return !aspace_unmap(aspace, top, old_top);
	return top == old_top ||
	       (!hopeless(top - aspace->heap_start, PROT_WRITE, 0) &&
		aspace_has_room(aspace, top - old_top) && !aspace_map_area(aspace, &area));
}

vaddr_t aspace_brk(struct aspace *aspace, vaddr_t end)
{
	aspace_write_lock(aspace);
	if (move_heap(aspace, end))
		aspace->heap_end = end;
	end = aspace->heap_end;
	aspace_write_unlock(aspace);
	return end;
}

/* --- questions, advice --- */

/* Under the lock. */
static int covers(const struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	return covered(aspace, start, end) == end - start ? 0 : -ENOMEM;
}

int aspace_covers(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	int error;

	rw_read_lock(&aspace->lock);
	error = covers(aspace, start, end);
	rw_read_unlock(&aspace->lock);
	return error;
}

int aspace_present(struct aspace *aspace, vaddr_t start, size_t n, u8 *present)
{
	int error;

	rw_read_lock(&aspace->lock);
	error = covers(aspace, start, start + (n << PAGE_SHIFT));
	for (size_t i = 0; i < n && !error; i++) {
		const u64 *entry = arch_entry_find(&aspace->arch, start + (i << PAGE_SHIFT));

		present[i] = entry && arch_entry_page(entry);
	}
	rw_read_unlock(&aspace->lock);
	return error;
}

/* The pages go; what comes at the next access is zero, or the object's again. */
static int forget(struct aspace *aspace, vaddr_t start, vaddr_t end)
{
	int error;

	aspace_write_lock(aspace);
	error = covers(aspace, start, end);
	aspace_zap(aspace, start, end);
	aspace_write_unlock(aspace);
	return error;
}

static int bring(struct aspace *aspace, vaddr_t start, vaddr_t end, enum aspace_access access)
{
	int error = aspace_covers(aspace, start, end);

	for (; start < end && !error; start += PAGE_BYTES)
		error = aspace_fault(aspace, start, access);
	return error == -EACCES ? -EINVAL : error;
}

int aspace_madvise(struct aspace *aspace, vaddr_t address, u64 bytes, int advice)
{
	vaddr_t end = address + ALIGN_UP(bytes, PAGE_BYTES);

	if (address & PAGE_MASK || ALIGN_UP(bytes, PAGE_BYTES) < bytes || end < address)
		return -EINVAL;
	if (end > ARCH_USER_LIMIT)
		return -ENOMEM;
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
		return end == address ? 0 : forget(aspace, address, end);
	case MADV_POPULATE_READ:
		return bring(aspace, address, end, ASPACE_READ);
	case MADV_POPULATE_WRITE:
		return bring(aspace, address, end, ASPACE_WRITE);
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return end == address ? 0 : aspace_covers(aspace, address, end);
	default:
		return -EINVAL;
	}
}

/* --- moving --- */

struct move {
	vaddr_t from, to;
	u64 old_bytes, new_bytes;
	unsigned flags;
};

/* What an area shows at `from`, as an area of its own at `to`. */
static struct vma copy_of(const struct vma *area, vaddr_t from, vaddr_t to, u64 bytes)
{
	struct vma copy = *area;

	if (copy.object)
		copy.offset += from - area->start;
	copy.start = to;
	copy.end = to + bytes;
	return copy;
}

static int add_copy(struct aspace *aspace, const struct vma *copy)
{
	int error;

	aspace_get_object(copy);
	error = aspace_map_area(aspace, copy);
	if (error)
		aspace_put_object(copy);
	return error;
}

/* Grows the end of an area where it is. */
static int extend(struct aspace *aspace, const struct vma *area, const struct move *move)
{
	vaddr_t end = move->from + move->old_bytes;
	u64 more = move->new_bytes - move->old_bytes;
	struct vma rest;

	if (area->end != end || more > ARCH_USER_LIMIT - end ||
	    vma_overlaps(&aspace->areas, end, end + more))
		return -ENOMEM;
	rest = copy_of(area, end, end, more);
	return add_copy(aspace, &rest);
}

/* Moves to a new place; the lock is held for writing. */
static s64 relocate(struct aspace *aspace, struct move *move)
{
	unsigned how = move->flags & MREMAP_FIXED ? MAP_FIXED : 0;
	int error = place(aspace, how ? move->to : 0, move->new_bytes, how, &move->to);
	const struct vma *area = vma_find(&aspace->areas, move->from);
	struct vma copy;

	if (error)
		return error;
	copy = copy_of(area, move->from, move->to, move->new_bytes);
	copy.flags &= (u8)~VMA_GROWS_DOWN;
	error = add_copy(aspace, &copy);
	if (!error)
		error = arch_move_range(&aspace->arch, move->from, move->to,
					move->old_bytes < move->new_bytes ? move->old_bytes
									  : move->new_bytes);
	if (error) /* what has been moved stays; the areas show it in both places */
		return error;
	arch_tlb_flush(&aspace->arch, move->from, move->from + move->old_bytes);
	if (move->old_bytes && !(move->flags & MREMAP_DONTUNMAP))
		aspace_unmap(aspace, move->from, move->from + move->old_bytes);
	return (s64)move->to;
}

static s64 mremap(struct aspace *aspace, struct move *move)
{
	const struct vma *area = vma_find(&aspace->areas, move->from);
	u64 more = move->new_bytes > move->old_bytes ? move->new_bytes - move->old_bytes : 0;
	bool must_move = move->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	int error;

	if (!area || move->old_bytes > area->end - move->from)
		return -EFAULT;
	if (!move->old_bytes && !(area->flags & VMA_IS_SHARED))
		return -EINVAL;
	if (!must_move && move->old_bytes && move->new_bytes <= move->old_bytes) {
		error = aspace_unmap(aspace, move->from + move->new_bytes,
				     move->from + move->old_bytes);
		return error ? error : (s64)move->from;
	}
	if (!aspace_has_room(aspace, more) || hopeless(move->new_bytes, area->prot, 0))
		return -ENOMEM;
	if (!must_move && move->old_bytes && !extend(aspace, area, move))
		return (s64)move->from;
	return move->flags & MREMAP_MAYMOVE ? relocate(aspace, move) : -ENOMEM;
}

/* Whether two stretches of memory touch. */
static bool meet(vaddr_t a, u64 a_bytes, vaddr_t b, u64 b_bytes)
{
	return a < b + b_bytes && b < a + a_bytes;
}

static bool is_move(const struct move *move)
{
	const unsigned known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

	if (move->flags & ~known || !move->new_bytes || move->from & PAGE_MASK ||
	    move->new_bytes > ARCH_USER_LIMIT)
		return false;
	if (move->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(move->flags & MREMAP_MAYMOVE))
		return false;
	if (move->flags & MREMAP_DONTUNMAP && move->old_bytes != move->new_bytes)
		return false;
	return !(move->flags & MREMAP_FIXED) ||
	       (is_range(move->to, move->new_bytes) &&
		!meet(move->from, move->old_bytes, move->to, move->new_bytes));
}

s64 aspace_mremap(struct aspace *aspace, vaddr_t from, u64 old_bytes, u64 new_bytes, unsigned flags,
		  vaddr_t to)
{
	struct move move = {
		.from = from,
		.to = to,
		.old_bytes = ALIGN_UP(old_bytes, PAGE_BYTES),
		.new_bytes = ALIGN_UP(new_bytes, PAGE_BYTES),
		.flags = flags,
	};
	s64 result;

	if (!is_move(&move))
		return -EINVAL;
	if (!is_range(move.from, move.old_bytes))
		return -EFAULT;
	aspace_write_lock(aspace);
	result = mremap(aspace, &move);
	aspace_write_unlock(aspace);
	return result;
}
