/* SPDX-License-Identifier: MIT */
/*
 * A program's memory: areas, the pages put into them on demand, heap and stack. Process context,
 * interrupts on, no spinlock held: all of this may sleep.
 * Layout: program at its own addresses (or ASPACE_DYN_BASE), heap behind it, mappings from below
 * the stack's room downward, stack at the very top.
 */
#pragma once

#include <arch/pagetable.h>
#include <arch/spinlock.h>
#include <asm/errno.h>
#include <kernel/mm/vma.h>
#include <kernel/sched/mutex.h>
#include <quench/compiler.h>

#define ASPACE_LOW         UINT64_C(0x10000) /* nothing is mapped below: NULL stays NULL */
#define ASPACE_DYN_BASE    UINT64_C(0x555555554000)
#define ASPACE_STACK_TOP   ARCH_USER_LIMIT
#define ASPACE_STACK_BYTES MIB(8)   /* Linux's default RLIMIT_STACK */
#define ASPACE_STACK_START KIB(132) /* of it, at first; the rest comes as it is touched */
#define ASPACE_GUARD_BYTES MIB(1)   /* Linux's stack_guard_gap */

struct inode;

/*
 * `lock`: writers change the areas and take pages and tables away; readers find areas and put
 * pages in. pages_lock: an entry of the page tables, among readers, and `resident`. Both before
 * any lock of files and of the allocators; of two address spaces' the parent's first (fork).
 */
struct aspace {
	struct arch_aspace arch;
	u32 references; /* atomic */
	struct rwlock_sleep lock;
	struct arch_spinlock pages_lock;
	struct vma_set areas;         /* lock */
	struct vma *recent;           /* one of them, or NULL: where the last fault was */
	vaddr_t heap_start, heap_end; /* lock; heap_end: as brk left it, any alignment */
	vaddr_t mmap_top;             /* const; mappings go below */
	u64 mapped;                   /* lock; bytes in areas */
	size_t resident;              /* pages_lock, or lock for writing; pages shown now */
	struct inode *name;           /* const, counted; the program's, as a link; NULL: none */
};

/* An empty address space with one reference, or NULL when memory is out. The last aspace_put ends
 * it with all its pages: no task may still point there, and it must not be the active one that
 * arch_aspace_activate was last called with. */
struct aspace *aspace_create(void);
void aspace_get(struct aspace *aspace);
void aspace_put(struct aspace *aspace);
/* A copy for a child: the areas, and the pages, shared until one side writes. NULL when memory is
 * out. */
struct aspace *aspace_fork(struct aspace *aspace);

/*
 * mmap(2), munmap(2), mprotect(2), brk(2), mremap(2), madvise(2), with their errors; mmap and
 * mremap return the address. `inode` is the regular file to map, NULL for MAP_ANONYMOUS; the
 * caller has judged its access mode. may_write: mprotect may allow writing to a shared mapping.
 */
s64 aspace_mmap(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot, unsigned flags,
		struct inode *inode, u64 offset, bool may_write);
int aspace_munmap(struct aspace *aspace, vaddr_t address, u64 bytes);
int aspace_mprotect(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot);
vaddr_t aspace_brk(struct aspace *aspace, vaddr_t end);
s64 aspace_mremap(struct aspace *aspace, vaddr_t from, u64 old_bytes, u64 new_bytes, unsigned flags,
		  vaddr_t to);
int aspace_madvise(struct aspace *aspace, vaddr_t address, u64 bytes, int advice);

/* Whether areas cover all of [start,end): 0 or -ENOMEM. */
int aspace_covers(struct aspace *aspace, vaddr_t start, vaddr_t end);
/* mincore(2)'s answer for n pages: present[i] is 1 or 0. 0 or -ENOMEM. */
int aspace_present(struct aspace *aspace, vaddr_t start, size_t n, u8 *present);

/* Maps one area as the program loader wants it: page-aligned, no overlap, its reference to the
 * object the caller's. -EEXIST, -ENOMEM. */
int aspace_add(struct aspace *aspace, const struct vma *area);
/* The stack. 0 or -ENOMEM. */
int aspace_add_stack(struct aspace *aspace);

enum aspace_access { ASPACE_READ, ASPACE_WRITE, ASPACE_FETCH };

/*
 * Mends a page fault: puts the page there that belongs there. 0: go on; -EFAULT: no area has the
 * address (SEGV_MAPERR); -EACCES: its area does not allow the access (SEGV_ACCERR); -EIO: beyond
 * the end of the mapped file (SIGBUS); -ENOMEM: memory is out, and the running program is the one
 * that must make room (SIGKILL).
 */
int aspace_fault_mapped(struct aspace *aspace, vaddr_t address, enum aspace_access access);
static inline int aspace_fault(struct aspace *aspace, vaddr_t address, enum aspace_access access)
{
	/* A NULL pointer: no need to look. */
	return unlikely(address < ASPACE_LOW) ? -EFAULT
					      : aspace_fault_mapped(aspace, address, access);
}

/* Writes into an address space that need not be the active one, whatever the pages' protection:
 * for the program loader. 0, or an error of aspace_fault. */
int aspace_write(struct aspace *aspace, vaddr_t to, const void *from, size_t n);
/* The same with n zero bytes. */
int aspace_clear(struct aspace *aspace, vaddr_t to, size_t n);

/* Reads or writes as the program itself could, in an address space that need not be the active
 * one; the number of bytes done, short where the access is not allowed. */
size_t aspace_read_as(struct aspace *aspace, void *to, vaddr_t from, size_t n);
size_t aspace_write_as(struct aspace *aspace, vaddr_t to, const void *from, size_t n);

/* What a futex at `address` is known by if it lies in shared memory, whoever maps that where: the
 * object and the offset in it; *key is left alone for private memory. 0 or -EFAULT. */
struct futex_key;
int aspace_futex_key(struct aspace *aspace, u64 address, struct futex_key *key);
