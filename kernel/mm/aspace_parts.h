/* SPDX-License-Identifier: MIT */
/* Pieces of aspace*.c that call one another. */
#pragma once

#include <kernel/mm/aspace.h>
#include <kernel/mm/page.h>

/* The lock of the areas. Whoever writes may free areas: nobody's last find holds any more. */
static inline void aspace_write_lock(struct aspace *aspace)
{
	rw_write_lock(&aspace->lock);
	aspace->recent = NULL;
}
static inline void aspace_write_unlock(struct aspace *aspace)
{
	rw_write_unlock(&aspace->lock);
}

/* One reference more or less to a page that a program is shown. */
static inline void aspace_share_page(paddr_t page)
{
	if (page != page_zero)
		page_get(page);
}
static inline void aspace_drop_page(paddr_t page)
{
	if (page != page_zero)
		page_put(page);
}

/* enum arch_prot for PROT_*. */
unsigned aspace_arch_prot(unsigned prot);

/* Under the lock, for writing: */
/* Sees to it that any one change of the areas will find memory. 0 or -ENOMEM. */
int aspace_reserve(struct aspace *aspace);
/* Whether so many bytes more may be mapped: RLIMIT_AS. */
bool aspace_has_room(const struct aspace *aspace, u64 bytes);
/* Adds an area, counted. */
int aspace_map_area(struct aspace *aspace, const struct vma *area);
/* Takes areas and pages away. */
int aspace_unmap(struct aspace *aspace, vaddr_t start, vaddr_t end);
/* Takes the pages of [start,end) alone away. */
void aspace_zap(struct aspace *aspace, vaddr_t start, vaddr_t end);

/* The running program's RLIMIT_STACK, bytes. */
u64 aspace_stack_limit(void);
/* One reference more to what an area shows. */
void aspace_get_object(const struct vma *area);
void aspace_put_object(const struct vma *area);

/* Under the lock, for reading: puts the page there that belongs at a page-aligned address; with
 * `write` one that may be written to. Through `page` if not NULL the page, valid as long as the
 * lock is held. 0, -EIO, -ENOMEM. */
int aspace_settle(struct aspace *aspace, const struct vma *area, vaddr_t address, bool write,
		  paddr_t *page);
