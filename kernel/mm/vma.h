/* SPDX-License-Identifier: MIT */
/*
 * The areas of an address space: without overlap, neighbours that differ in nothing merged, in a
 * balanced tree (Adelson-Velsky and Landis, "An algorithm for the organization of information",
 * 1962) that also knows the widest gap below each of its branches. PURE: the caller brings the
 * memory of the areas, and the lock.
 */
#pragma once

#include <quench/types.h>

enum vma_kind {
	VMA_ANONYMOUS, /* zero pages on demand */
	VMA_FILE,      /* `object` is an inode */
	VMA_SHARED,    /* anonymous memory that several share: `object` is a struct shared_memory */
};

enum vma_flags {
	VMA_IS_SHARED = 1,  /* writes go to the object itself, not to a private copy */
	VMA_GROWS_DOWN = 2, /* a stack: an access below may extend it */
	VMA_MAY_WRITE = 4,  /* mprotect may allow writing; missing: a shared, read-only file */
};

struct vma {
	vaddr_t start, end; /* page-aligned, start < end */
	void *object;       /* by kind; NULL for VMA_ANONYMOUS; one reference an area */
	u64 offset;         /* of `start` in the object, bytes; 0 without one */
	u8 prot;            /* PROT_READ, PROT_WRITE, PROT_EXEC of <asm/mman.h> */
	u8 kind;            /* enum vma_kind */
	u8 flags;           /* enum vma_flags */
	u8 height;          /* from here on the set's own */
	struct vma *left, *right;
	struct vma *prev, *next; /* in the order of addresses */
	u64 widest;              /* gap below any area of this branch, bytes */
};

struct vma_set {
	struct vma *root, *first, *last;
	size_t count;
	struct vma *spare; /* unused ones for changes to take, through `next` */
	size_t nr_spare;
	/* An area with an object has become two, or has gone. NULL: nobody counts. */
	void (*get)(const struct vma *area);
	void (*put)(const struct vma *area);
};

/* Every change below may use this many spare areas; areas it drops become spare. */
#define VMA_HEADROOM 2

static inline void vma_set_give(struct vma_set *set, struct vma *spare)
{
	spare->next = set->spare;
	set->spare = spare;
	set->nr_spare++;
}

/* A spare area for the caller to free; NULL: there is none. */
static inline struct vma *vma_set_take(struct vma_set *set)
{
	struct vma *spare = set->spare;

	if (spare) {
		set->spare = spare->next;
		set->nr_spare--;
	}
	return spare;
}

/* The area that holds `address`, or NULL. */
struct vma *vma_find(const struct vma_set *set, vaddr_t address);
/* The lowest area that ends above `address`, or NULL. */
struct vma *vma_first_above(const struct vma_set *set, vaddr_t address);
/* Whether any of [start,end) is taken. */
bool vma_overlaps(const struct vma_set *set, vaddr_t start, vaddr_t end);

/* Adds an area; its reference to the object is the set's from then on. 0, -EEXIST when part of
 * it is taken, -ENOMEM without headroom. */
int vma_map(struct vma_set *set, const struct vma *area);
/* Takes [start,end) away from whatever is there, splitting areas. 0, or -ENOMEM as above. */
int vma_unmap(struct vma_set *set, vaddr_t start, vaddr_t end);
/*
 * Changes the protection of [start,end) area by area, up to the first hole: then -ENOMEM, or up to
 * a shared area that must not become writable: then -EACCES; with *done the address reached, as
 * Linux has it. -ENOMEM without headroom, nothing changed.
 */
int vma_protect(struct vma_set *set, vaddr_t start, vaddr_t end, unsigned prot, vaddr_t *done);
/* Makes an empty set like another, each object held once more, with from->count spare areas.
 * -ENOMEM, nothing changed, when there are not so many. */
int vma_copy(struct vma_set *to, const struct vma_set *from);
/* Extends an area downward to `start`, which is free down to there. */
void vma_grow_down(struct vma_set *set, struct vma *area, vaddr_t start);

/* The highest free stretch of `bytes` within [low,high): its start, or 0. */
vaddr_t vma_find_gap(const struct vma_set *set, u64 bytes, vaddr_t low, vaddr_t high);
