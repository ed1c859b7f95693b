/* SPDX-License-Identifier: MIT */
/*
 * The areas of an address space: sorted, without overlap, neighbours that differ in nothing
 * merged. PURE: the caller provides the array.
 */
#pragma once

#include <quench/types.h>

enum vma_kind {
	VMA_ANONYMOUS, /* zero pages on demand */
	VMA_FILE,      /* private pages that start as `object`'s bytes at `offset` */
	VMA_GUARD,     /* keeps mappings away from the stack */
};

struct vma {
	vaddr_t start, end; /* page-aligned, start < end */
	unsigned prot;      /* PROT_READ, PROT_WRITE, PROT_EXEC of <asm/mman.h> */
	enum vma_kind kind;
	const void *object; /* VMA_FILE: what is mapped, the caller's own; otherwise NULL */
	u64 offset;         /* VMA_FILE: of `start` in the object, bytes */
};

struct vma_set {
	struct vma *areas;
	size_t count, capacity;
};

/* Every change below needs room for at most this many areas more. */
#define VMA_HEADROOM 2

/* The area that holds `address`, or NULL. */
const struct vma *vma_find(const struct vma_set *set, vaddr_t address);
/* The number of the first area that ends above `address`; set->count when there is none. */
size_t vma_first_above(const struct vma_set *set, vaddr_t address);
/* Whether any of [start,end) is taken. */
bool vma_overlaps(const struct vma_set *set, vaddr_t start, vaddr_t end);

/* Adds an area. 0, -EEXIST when part of it is taken, -ENOMEM without headroom. */
int vma_map(struct vma_set *set, const struct vma *area);
/* Takes [start,end) away from whatever is there, splitting areas. 0, or -ENOMEM as above. */
int vma_unmap(struct vma_set *set, vaddr_t start, vaddr_t end);
/*
 * Changes the protection of [start,end) area by area, up to the first hole or guard: then -ENOMEM,
 * with *done the address reached, as Linux has it. -ENOMEM without headroom, nothing changed.
 */
int vma_protect(struct vma_set *set, vaddr_t start, vaddr_t end, unsigned prot, vaddr_t *done);

/* The highest free stretch of `bytes` within [low,high): its start, or 0. */
vaddr_t vma_find_gap(const struct vma_set *set, u64 bytes, vaddr_t low, vaddr_t high);
