/* SPDX-License-Identifier: MIT */
/* Pages on demand: faults, and the kernel's own reading and writing in a program's memory. */
#include <arch/tlb.h>
#include <arch/user_pages.h>
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/fs/inode.h>
#include <kernel/mm/aspace_parts.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/shared_memory.h>
#include <kernel/proc/futex.h>
#include <quench/string.h>

/* x86 has no page that can be written or run but not read. */
unsigned aspace_arch_prot(unsigned prot)
{
	if (!(prot & (PROT_READ | PROT_WRITE | PROT_EXEC)))
		return 0;
	return ARCH_USER | ARCH_READ | (prot & PROT_WRITE ? ARCH_WRITE : 0) |
	       (prot & PROT_EXEC ? ARCH_EXEC : 0);
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

static inline bool holds(const struct vma *area, vaddr_t address)
{
	return area && area->start <= address && address < area->end;
}

/* The area with the address; the one of the last fault is the likeliest. */
static inline struct vma *find_area(struct aspace *aspace, vaddr_t address)
{
	struct vma *area = READ_ONCE(aspace->recent);

	if (likely(holds(area, address)))
		return area;
	area = vma_find(&aspace->areas, address);
	if (area)
		WRITE_ONCE(aspace->recent, area);
	return area;
}

/* --- which page belongs there --- */

/* Whether writes to this page of the area concern nobody else, or everybody as they should. */
static bool is_own(const struct vma *area, paddr_t page)
{
	return area->flags & VMA_IS_SHARED || (page != page_zero && page_references(page) == 1);
}

static unsigned rights(const struct vma *area, paddr_t page)
{
	unsigned prot = aspace_arch_prot(area->prot);

	return prot & ARCH_WRITE && !is_own(area, page) ? prot & ~(unsigned)ARCH_WRITE : prot;
}

/* A fresh page with the bytes of another. */
static int copy_page(paddr_t from, paddr_t *page)
{
	if (from == page_zero) {
		*page = page_alloc_zeroed();
		return *page ? 0 : -ENOMEM;
	}
	*page = page_alloc();
	if (!*page)
		return -ENOMEM;
	arch_page_copy(*page, from);
	return 0;
}

static int object_page(const struct vma *area, vaddr_t address, paddr_t *page)
{
	u64 index = (area->offset + (address - area->start)) >> PAGE_SHIFT;

	return area->kind == VMA_FILE ? inode_page(area->object, index, page)
				      : shared_memory_page(area->object, index, page);
}

/* The page for an address that shows none yet, with a reference. */
static int first_page(const struct vma *area, vaddr_t address, bool write, paddr_t *page)
{
	paddr_t original;
	int error;

	if (area->kind == VMA_ANONYMOUS && !write) {
		*page = page_zero;
		return 0;
	}
	if (area->kind == VMA_ANONYMOUS) {
		*page = page_alloc_zeroed();
		return *page ? 0 : -ENOMEM;
	}
	error = object_page(area, address, &original);
	if (error || !write || area->flags & VMA_IS_SHARED) {
		*page = original;
		return error;
	}
	error = copy_page(original, page);
	page_put(original);
	return error;
}

/* --- putting it there --- */

/* Shows a first page, unless another thread has been faster: false. One brought in for writing is
 * the area's own; one for reading others have, too. */
static bool show_first(struct aspace *aspace, const struct vma *area, bool write, u64 *entry,
		       paddr_t page)
{
	unsigned prot = aspace_arch_prot(area->prot);
	bool shown = false;

	if (!write && !(area->flags & VMA_IS_SHARED))
		prot &= ~(unsigned)ARCH_WRITE;
	arch_spin_lock(&aspace->pages_lock);
	if (likely(!arch_entry_page(entry))) {
		arch_entry_set(entry, page, prot);
		aspace->resident++;
		shown = true;
	}
	arch_spin_unlock(&aspace->pages_lock);
	return shown;
}

static int bring_in(struct aspace *aspace, const struct vma *area, vaddr_t address, bool write,
		    u64 *entry, paddr_t *page)
{
	int error = first_page(area, address, write, page);

	if (!error && !show_first(aspace, area, write, entry, *page)) {
		aspace_drop_page(*page);
		*page = 0;
	}
	return error;
}

/* If the page that is there will do: sets its rights. Else *page is it with a reference more, or 0
 * when none is there any more. */
static bool keep_page(struct aspace *aspace, const struct vma *area, bool write, u64 *entry,
		      paddr_t *page)
{
	bool good;

	arch_spin_lock(&aspace->pages_lock);
	*page = arch_entry_page(entry);
	good = *page && (!write || is_own(area, *page));
	if (good)
		arch_entry_set(entry, *page, rights(area, *page));
	else if (*page)
		aspace_share_page(*page);
	arch_spin_unlock(&aspace->pages_lock);
	return good;
}

/*
 * Shows `copy` where `old` still is. No processor may go on reading the old page while another
 * writes to the new one: so there is no page at all until the flush is done.
 */
static bool replace(struct aspace *aspace, const struct vma *area, vaddr_t address, u64 *entry,
		    paddr_t old, paddr_t copy)
{
	bool same;

	arch_spin_lock(&aspace->pages_lock);
	same = arch_entry_page(entry) == old;
	if (same) {
		arch_entry_clear(entry);
		arch_tlb_flush(&aspace->arch, address, address + PAGE_BYTES);
		arch_entry_set(entry, copy, rights(area, copy));
	}
	arch_spin_unlock(&aspace->pages_lock);
	return same;
}

/* Gives the program its own copy of a page that others have, too; *page becomes 0 when something
 * has changed meanwhile. */
static int unshare(struct aspace *aspace, const struct vma *area, vaddr_t address, u64 *entry,
		   paddr_t *page)
{
	paddr_t old = *page, copy;
	int error = copy_page(old, &copy);

	*page = 0;
	if (!error && replace(aspace, area, address, entry, old, copy)) {
		aspace_drop_page(old);
		*page = copy;
	} else if (!error) {
		page_put(copy);
	}
	aspace_drop_page(old);
	return error;
}

int aspace_settle(struct aspace *aspace, const struct vma *area, vaddr_t address, bool write,
		  paddr_t *page)
{
	u64 *entry = arch_entry_make(&aspace->arch, address);
	paddr_t shown = 0;
	int error = entry ? 0 : -ENOMEM;

	while (!error && !shown) {
		if (!arch_entry_page(entry))
			error = bring_in(aspace, area, address, write, entry, &shown);
		else if (!keep_page(aspace, area, write, entry, &shown) && shown)
			error = unshare(aspace, area, address, entry, &shown);
	}
	if (page)
		*page = shown;
	return error;
}

/* --- the stack --- */

/* Extends the stack above `address` down to it, where its limit and its neighbour allow. */
static int grow_stack(struct aspace *aspace, vaddr_t address)
{
	struct vma *area = vma_first_above(&aspace->areas, address);
	vaddr_t start = ALIGN_DOWN(address, PAGE_BYTES), floor;

	if (!area || !(area->flags & VMA_GROWS_DOWN))
		return -EFAULT;
	if (area->start <= start)
		return 0;
	floor = area->prev ? area->prev->end + ASPACE_GUARD_BYTES : ASPACE_LOW;
	if (start < floor || area->end - start > aspace_stack_limit() ||
	    !aspace_has_room(aspace, area->start - start))
		return -EFAULT;
	aspace->mapped += area->start - start;
	vma_grow_down(&aspace->areas, area, start);
	return 0;
}

/* No area has the address: one may have once the stack above has grown there. */
static __noinline int grow_and_find(struct aspace *aspace, vaddr_t address, struct vma **area)
{
	int error;

	rw_read_unlock(&aspace->lock);
	aspace_write_lock(aspace);
	error = grow_stack(aspace, address);
	aspace_write_unlock(aspace);
	rw_read_lock(&aspace->lock);
	*area = find_area(aspace, address);
	return !error && !*area ? -EFAULT : error;
}

/* One walk tells the area with the address from the one above it; only a stack is worth a change.
 */
static __noinline int find_or_grow_slowly(struct aspace *aspace, vaddr_t address, struct vma **area)
{
	*area = vma_first_above(&aspace->areas, address);
	if (likely(holds(*area, address))) {
		WRITE_ONCE(aspace->recent, *area);
		return 0;
	}
	if (!*area || !((*area)->flags & VMA_GROWS_DOWN) || address < ASPACE_LOW)
		return -EFAULT;
	return grow_and_find(aspace, address, area);
}

/* The area with `address`; -EFAULT. The lock is held for reading before and after. */
static inline int find_or_grow(struct aspace *aspace, vaddr_t address, struct vma **area)
{
	*area = READ_ONCE(aspace->recent);
	return likely(holds(*area, address)) ? 0 : find_or_grow_slowly(aspace, address, area);
}

/* --- faults --- */

static int fault(struct aspace *aspace, vaddr_t address, enum aspace_access access)
{
	struct vma *area;
	int error;

	rw_read_lock(&aspace->lock);
	error = find_or_grow(aspace, address, &area);
	if (likely(!error)) {
		if (unlikely(!allows(area->prot, access)))
			error = -EACCES;
		else
			error = aspace_settle(aspace, area, ALIGN_DOWN(address, PAGE_BYTES),
					      access == ASPACE_WRITE, NULL);
	}
	rw_read_unlock(&aspace->lock);
	return error;
}

int aspace_fault_mapped(struct aspace *aspace, vaddr_t address, enum aspace_access access)
{
	int error;

	do
		error = fault(aspace, address, access);
	while (unlikely(error == -ENOMEM) && oom_relieve());
	return error;
}

/* --- from outside --- */

/* What one access from outside needs: its kind, and whether protection counts. */
enum outside { OUTSIDE_READ, OUTSIDE_WRITE, OUTSIDE_LOAD };

/* Moves what lies in one page; `bytes` NULL: zeroes. */
static void move_bytes(u8 *there, u8 *bytes, size_t n, enum outside how)
{
	if (how == OUTSIDE_READ)
		memcpy(bytes, there, n);
	else if (bytes)
		memcpy(there, bytes, n);
	else
		memset(there, 0, n);
}

static int one_page(struct aspace *aspace, vaddr_t address, u8 *bytes, size_t n, enum outside how)
{
	enum aspace_access access = how == OUTSIDE_READ ? ASPACE_READ : ASPACE_WRITE;
	struct vma *area;
	paddr_t page;
	int error;

	rw_read_lock(&aspace->lock);
	error = find_or_grow(aspace, address, &area);
	if (!error && how != OUTSIDE_LOAD && !allows(area->prot, access))
		error = -EACCES;
	if (!error)
		error = aspace_settle(aspace, area, ALIGN_DOWN(address, PAGE_BYTES),
				      how != OUTSIDE_READ, &page);
	/* The page is written to under the lock: nobody copies it away meanwhile. */
	if (!error)
		move_bytes((u8 *)arch_direct_map(page) + (address & PAGE_MASK), bytes, n, how);
	rw_read_unlock(&aspace->lock);
	return error;
}

/* The number of bytes done; *error why no more. */
static size_t move(struct aspace *aspace, vaddr_t address, u8 *bytes, size_t n, enum outside how,
		   int *error)
{
	size_t done = 0;

	*error = 0;
	while (done < n) {
		size_t part = PAGE_BYTES - (address & PAGE_MASK);

		if (part > n - done)
			part = n - done;
		*error = one_page(aspace, address, bytes ? bytes + done : NULL, part, how);
		if (*error)
			break;
		done += part;
		address += part;
	}
	return done;
}

int aspace_write(struct aspace *aspace, vaddr_t to, const void *from, size_t n)
{
	int error;

	move(aspace, to, (u8 *)from, n, OUTSIDE_LOAD, &error);
	return error;
}

int aspace_clear(struct aspace *aspace, vaddr_t to, size_t n)
{
	int error;

	move(aspace, to, NULL, n, OUTSIDE_LOAD, &error);
	return error;
}

size_t aspace_read_as(struct aspace *aspace, void *to, vaddr_t from, size_t n)
{
	int error;

	return move(aspace, from, to, n, OUTSIDE_READ, &error);
}

size_t aspace_write_as(struct aspace *aspace, vaddr_t to, const void *from, size_t n)
{
	int error;

	return move(aspace, to, (u8 *)from, n, OUTSIDE_WRITE, &error);
}

int aspace_futex_key(struct aspace *aspace, u64 address, struct futex_key *key)
{
	const struct vma *area;

	int error = -EFAULT;

	rw_read_lock(&aspace->lock);
	area = find_area(aspace, address);
	/* As on Linux: a word of one's own that cannot be written is no place to meet others. */
	if (area && area->prot & (area->flags & VMA_IS_SHARED ? PROT_READ : PROT_WRITE))
		error = 0;
	if (!error && area->flags & VMA_IS_SHARED)
		*key = (struct futex_key){ (u64)area->object,
					   area->offset + (address - area->start) };
	rw_read_unlock(&aspace->lock);
	return error;
}
