/* SPDX-License-Identifier: MIT */
/*
 * A program's memory: areas, the pages put into them on demand, heap and stack. Process context,
 * no spinlock held: most of this may sleep.
 * Layout: program at its own addresses (or ASPACE_DYN_BASE), heap behind it, mappings from below
 * the stack's room downward, stack at the very top.
 */
#pragma once

#include <arch/pagetable.h>
#include <kernel/mm/vma.h>
#include <quench/compiler.h>

#define ASPACE_LOW         UINT64_C(0x10000) /* nothing is mapped below: NULL stays NULL */
#define ASPACE_DYN_BASE    UINT64_C(0x555555554000)
#define ASPACE_STACK_TOP   ARCH_USER_LIMIT
#define ASPACE_STACK_BYTES MIB(8) /* Linux's default RLIMIT_STACK */
#define ASPACE_GUARD_BYTES MIB(1) /* Linux's stack_guard_gap */

struct inode;

struct aspace {
	struct arch_aspace arch;
	struct vma_set areas;
	vaddr_t heap_start, heap_end; /* heap_end: as brk left it, any alignment */
	size_t resident;              /* pages mapped now */
};

/* An empty address space, or NULL when memory is out; and its end, with all its pages. */
struct aspace *aspace_create(void);
void aspace_destroy(struct aspace *aspace);

/*
 * About to land (fork, exec, exit): aspace_create's and aspace_fork's have one reference; the last
 * aspace_put ends the address space (aspace_destroy goes then). aspace_put must not be called
 * with a task's `aspace` still pointing there: first task->aspace = NULL and
 * arch_aspace_activate(NULL). aspace_fork: a copy for a child, pages shared until one side writes;
 * the running task must be in `aspace` or nobody; NULL when memory is out.
 */
void aspace_get(struct aspace *aspace);
void aspace_put(struct aspace *aspace);
struct aspace *aspace_fork(struct aspace *aspace);

/*
 * mmap(2), munmap(2), mprotect(2), brk(2), with their errors; mmap returns the address. `inode` is
 * the regular file to map, NULL for MAP_ANONYMOUS; the caller has judged its access mode.
 */
s64 aspace_mmap(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot, unsigned flags,
		const struct inode *inode, u64 offset);
int aspace_munmap(struct aspace *aspace, vaddr_t address, u64 bytes);
int aspace_mprotect(struct aspace *aspace, vaddr_t address, u64 bytes, unsigned prot);
vaddr_t aspace_brk(struct aspace *aspace, vaddr_t end);

/* Maps one area as the program loader wants it: page-aligned, no overlap. -EEXIST, -ENOMEM. */
int aspace_add(struct aspace *aspace, const struct vma *area);
/* The stack and its guard. 0 or -ENOMEM. */
int aspace_add_stack(struct aspace *aspace);

enum aspace_access { ASPACE_READ, ASPACE_WRITE, ASPACE_FETCH };

/*
 * Mends a page fault: puts the page there that belongs there. 0: go on; -EFAULT: no area has the
 * address (SEGV_MAPERR); -EACCES: its area does not allow the access (SEGV_ACCERR); -EIO: beyond
 * the end of the mapped file (SIGBUS); -ENOMEM: memory is out. Interrupts on.
 */
int aspace_fault(struct aspace *aspace, vaddr_t address, enum aspace_access access);

/* Writes into an address space that need not be the active one, whatever the pages' protection.
 * 0, or an error of aspace_fault. */
int aspace_write(struct aspace *aspace, vaddr_t to, const void *from, size_t n);
/* The same with n zero bytes. */
int aspace_clear(struct aspace *aspace, vaddr_t to, size_t n);

/*
 * About to land. Reads or writes as the program itself could, in an address space that need not be
 * the active one; the number of bytes done, short where the access is not allowed.
 */
size_t aspace_read_as(struct aspace *aspace, void *to, vaddr_t from, size_t n);
size_t aspace_write_as(struct aspace *aspace, vaddr_t to, const void *from, size_t n);
/* About to land. What a shared futex at `address` is known by, whoever maps it where: the
 * object and the offset in it, or the address space itself for private memory. 0 or -EFAULT. */
struct aspace_key {
	const void *object;
	u64 offset;
};
int aspace_key(struct aspace *aspace, vaddr_t address, struct aspace_key *key);
