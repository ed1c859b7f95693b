/* SPDX-License-Identifier: MIT */
/* The areas of an address space as a sorted array. PURE. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/mm/vma.h>
#include <quench/string.h>

size_t vma_first_above(const struct vma_set *set, vaddr_t address)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (set->areas[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct vma *vma_find(const struct vma_set *set, vaddr_t address)
{
	size_t i = vma_first_above(set, address);

	return i < set->count && set->areas[i].start <= address ? &set->areas[i] : NULL;
}

bool vma_overlaps(const struct vma_set *set, vaddr_t start, vaddr_t end)
{
	size_t i = vma_first_above(set, start);

	return i < set->count && set->areas[i].start < end;
}

static bool has_headroom(const struct vma_set *set)
{
	return set->capacity - set->count >= VMA_HEADROOM;
}

static void insert_at(struct vma_set *set, size_t at, const struct vma *area)
{
	memmove(&set->areas[at + 1], &set->areas[at], (set->count - at) * sizeof(*area));
	set->areas[at] = *area;
	set->count++;
}

static void remove_at(struct vma_set *set, size_t at, size_t n)
{
	memmove(&set->areas[at], &set->areas[at + n],
		(set->count - at - n) * sizeof(set->areas[0]));
	set->count -= n;
}

static bool mergeable(const struct vma *a, const struct vma *b)
{
	if (a->end != b->start || a->prot != b->prot || a->kind != b->kind ||
	    a->object != b->object)
		return false;
	return a->kind != VMA_FILE || a->offset + (a->end - a->start) == b->offset;
}

/* Merges areas at-1 and at where they can be. */
static void merge_at(struct vma_set *set, size_t at)
{
	if (at == 0 || at >= set->count || !mergeable(&set->areas[at - 1], &set->areas[at]))
		return;
	set->areas[at - 1].end = set->areas[at].end;
	remove_at(set, at, 1);
}

/* Makes an area begin at `address` where one crosses it: the number of the first area that
 * starts at or above it. */
static size_t split_at(struct vma_set *set, vaddr_t address)
{
	size_t i = vma_first_above(set, address);
	struct vma upper;

	if (i == set->count || set->areas[i].start >= address)
		return i;
	upper = set->areas[i];
	upper.start = address;
	if (upper.kind == VMA_FILE)
		upper.offset += address - set->areas[i].start;
	set->areas[i].end = address;
	insert_at(set, i + 1, &upper);
	return i + 1;
}

int vma_map(struct vma_set *set, const struct vma *area)
{
	size_t i = vma_first_above(set, area->start);

	if (!has_headroom(set))
		return -ENOMEM;
	if (i < set->count && set->areas[i].start < area->end)
		return -EEXIST;
	insert_at(set, i, area);
	merge_at(set, i + 1);
	merge_at(set, i);
	return 0;
}

int vma_unmap(struct vma_set *set, vaddr_t start, vaddr_t end)
{
	size_t first, last;

	if (!has_headroom(set))
		return -ENOMEM;
	first = split_at(set, start);
	last = split_at(set, end);
	remove_at(set, first, last - first);
	return 0;
}

int vma_protect(struct vma_set *set, vaddr_t start, vaddr_t end, unsigned prot, vaddr_t *done)
{
	vaddr_t reached = start;
	size_t i, first;
	int error = 0;

	*done = start;
	if (!has_headroom(set))
		return -ENOMEM;
	first = split_at(set, start);
	split_at(set, end);
	for (i = first; i < set->count && reached < end; i++) {
		if (set->areas[i].start != reached || set->areas[i].kind == VMA_GUARD)
			break;
		set->areas[i].prot = prot;
		reached = set->areas[i].end;
	}
	if (reached < end)
		error = -ENOMEM;
	/* Merge what the splits and the change left alike, from above so that numbers stay. */
	for (i = vma_first_above(set, end - 1) + 1; i + 1 > first; i--)
		merge_at(set, i);
	*done = reached;
	return error;
}

vaddr_t vma_find_gap(const struct vma_set *set, u64 bytes, vaddr_t low, vaddr_t high)
{
	size_t i = vma_first_above(set, high - 1);

	if (i < set->count && set->areas[i].start < high)
		high = set->areas[i].start;
	while (high >= low && high - low >= bytes) {
		vaddr_t floor = i > 0 ? set->areas[i - 1].end : 0;

		if (floor < low)
			floor = low;
		if (high > floor && high - floor >= bytes)
			return high - bytes;
		if (i == 0)
			break;
		high = set->areas[--i].start;
	}
	return 0;
}
