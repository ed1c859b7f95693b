/* SPDX-License-Identifier: MIT */
/* The areas of an address space. PURE. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/mm/vma.h>

/* --- the tree --- */

static unsigned height_of(const struct vma *area)
{
	return area ? area->height : 0;
}

static u64 widest_of(const struct vma *area)
{
	return area ? area->widest : 0;
}

static u64 gap_below(const struct vma *area)
{
	return area->start - (area->prev ? area->prev->end : 0);
}

static u64 larger(u64 a, u64 b)
{
	return a > b ? a : b;
}

static void refresh(struct vma *area)
{
	area->height = (u8)(1 + larger(height_of(area->left), height_of(area->right)));
	area->widest =
		larger(gap_below(area), larger(widest_of(area->left), widest_of(area->right)));
}

/* Refreshes what stands on the way from `from` to `area`, which is below it. */
static void refresh_to(struct vma *from, const struct vma *area)
{
	if (from != area)
		refresh_to(area->start < from->start ? from->left : from->right, area);
	refresh(from);
}

/* The gap below `area` has changed, if there is such an area. */
static void gap_changed(struct vma_set *set, const struct vma *area)
{
	if (area)
		refresh_to(set->root, area);
}

static struct vma *rotate_left(struct vma *area)
{
	struct vma *top = area->right;

	area->right = top->left;
	top->left = area;
	refresh(area);
	refresh(top);
	return top;
}

static struct vma *rotate_right(struct vma *area)
{
	struct vma *top = area->left;

	area->left = top->right;
	top->right = area;
	refresh(area);
	refresh(top);
	return top;
}

/* The branch with its children at most one apart in height, given at most two. */
static struct vma *balance(struct vma *area)
{
	int lean = (int)height_of(area->right) - (int)height_of(area->left);

	if (lean > 1) {
		if (height_of(area->right->left) > height_of(area->right->right))
			area->right = rotate_right(area->right);
		return rotate_left(area);
	}
	if (lean < -1) {
		if (height_of(area->left->right) > height_of(area->left->left))
			area->left = rotate_left(area->left);
		return rotate_right(area);
	}
	refresh(area);
	return area;
}

static struct vma *insert_below(struct vma *top, struct vma *area)
{
	if (!top) {
		refresh(area);
		return area;
	}
	if (area->start < top->start)
		top->left = insert_below(top->left, area);
	else
		top->right = insert_below(top->right, area);
	return balance(top);
}

/* Takes the lowest area of a branch out. */
static struct vma *remove_lowest(struct vma *top, struct vma **lowest)
{
	if (!top->left) {
		*lowest = top;
		return top->right;
	}
	top->left = remove_lowest(top->left, lowest);
	return balance(top);
}

static struct vma *remove_below(struct vma *top, const struct vma *area)
{
	struct vma *heir;

	if (top != area) {
		if (area->start < top->start)
			top->left = remove_below(top->left, area);
		else
			top->right = remove_below(top->right, area);
		return balance(top);
	}
	if (!top->right)
		return top->left;
	struct vma *right = remove_lowest(top->right, &heir);

	heir->left = top->left;
	heir->right = right;
	return balance(heir);
}

/* --- tree and list together --- */

/* Copies what the caller says of an area, not its place in a set. */
static void copy_contents(struct vma *to, const struct vma *from)
{
	to->start = from->start;
	to->end = from->end;
	to->object = from->object;
	to->offset = from->offset;
	to->prot = from->prot;
	to->kind = from->kind;
	to->flags = from->flags;
}

/* Puts a new area before `next` (NULL: at the end). */
static struct vma *insert_before(struct vma_set *set, struct vma *next, const struct vma *contents)
{
	struct vma *area = vma_set_take(set);

	copy_contents(area, contents);
	area->left = area->right = NULL;
	area->next = next;
	area->prev = next ? next->prev : set->last;
	*(area->prev ? &area->prev->next : &set->first) = area;
	*(next ? &next->prev : &set->last) = area;
	set->root = insert_below(set->root, area);
	gap_changed(set, next);
	set->count++;
	return area;
}

static void drop(struct vma_set *set, struct vma *area)
{
	struct vma *next = area->next;

	set->root = remove_below(set->root, area);
	*(area->prev ? &area->prev->next : &set->first) = next;
	*(next ? &next->prev : &set->last) = area->prev;
	gap_changed(set, next);
	set->count--;
	if (area->object && set->put)
		set->put(area);
	vma_set_give(set, area);
}

/* --- finding --- */

struct vma *vma_first_above(const struct vma_set *set, vaddr_t address)
{
	struct vma *at = set->root, *best = NULL;

	while (at) {
		if (at->end > address) {
			best = at;
			at = at->left;
		} else {
			at = at->right;
		}
	}
	return best;
}

struct vma *vma_find(const struct vma_set *set, vaddr_t address)
{
	struct vma *at = set->root;

	while (at) {
		if (address < at->start)
			at = at->left;
		else if (address >= at->end)
			at = at->right;
		else
			return at;
	}
	return NULL;
}

bool vma_overlaps(const struct vma_set *set, vaddr_t start, vaddr_t end)
{
	const struct vma *area = vma_first_above(set, start);

	return area && area->start < end;
}

/* The highest place for `bytes` in the gaps below the areas of a branch, within [low,high). */
static vaddr_t gap_in(const struct vma *top, u64 bytes, vaddr_t low, vaddr_t high)
{
	vaddr_t floor, ceiling, found = 0;

	if (widest_of(top) < bytes)
		return 0;
	if (top->start < high)
		found = gap_in(top->right, bytes, low, high);
	if (found || top->start <= low)
		return found;
	floor = larger(top->prev ? top->prev->end : 0, low);
	ceiling = top->start < high ? top->start : high;
	if (ceiling > floor && ceiling - floor >= bytes)
		return ceiling - bytes;
	return gap_in(top->left, bytes, low, high);
}

vaddr_t vma_find_gap(const struct vma_set *set, u64 bytes, vaddr_t low, vaddr_t high)
{
	vaddr_t floor = larger(set->last ? set->last->end : 0, low);

	if (high > floor && high - floor >= bytes)
		return high - bytes;
	return gap_in(set->root, bytes, low, high);
}

/* --- changing --- */

static bool has_headroom(const struct vma_set *set)
{
	return set->nr_spare >= VMA_HEADROOM;
}

static bool mergeable(const struct vma *a, const struct vma *b)
{
	if (!a || !b || a->end != b->start || a->prot != b->prot || a->kind != b->kind ||
	    a->flags != b->flags || a->object != b->object)
		return false;
	return !a->object || a->offset + (a->end - a->start) == b->offset;
}

/* Merges an area into the one before it where that can be. */
static void merge(struct vma_set *set, struct vma *area)
{
	struct vma *before = area ? area->prev : NULL;
	vaddr_t end;

	if (!mergeable(before, area))
		return;
	end = area->end;
	drop(set, area);
	before->end = end;
	gap_changed(set, before->next);
}

/* Makes an area begin at `address` where one crosses it: the first area that starts at or above
 * it, or NULL. */
static struct vma *split_at(struct vma_set *set, vaddr_t address)
{
	struct vma *area = vma_first_above(set, address), upper;

	if (!area || area->start >= address)
		return area;
	upper = *area;
	upper.start = address;
	if (upper.object)
		upper.offset += address - area->start;
	area->end = address;
	if (upper.object && set->get)
		set->get(area);
	return insert_before(set, area->next, &upper);
}

int vma_map(struct vma_set *set, const struct vma *area)
{
	struct vma *next = vma_first_above(set, area->start), *new;

	if (!has_headroom(set))
		return -ENOMEM;
	if (next && next->start < area->end)
		return -EEXIST;
	new = insert_before(set, next, area);
	merge(set, next);
	merge(set, new);
	return 0;
}

int vma_unmap(struct vma_set *set, vaddr_t start, vaddr_t end)
{
	struct vma *area, *next;

	if (!has_headroom(set))
		return -ENOMEM;
	area = split_at(set, start);
	split_at(set, end);
	for (; area && area->start < end; area = next) {
		next = area->next;
		drop(set, area);
	}
	return 0;
}

/* 0, or why this area, the next of a change from `reached` on, must stay as it is. */
static int may_protect(const struct vma *area, vaddr_t reached, unsigned prot)
{
	if (!area || area->start != reached)
		return -ENOMEM;
	return prot & PROT_WRITE && !(area->flags & VMA_MAY_WRITE) ? -EACCES : 0;
}

int vma_protect(struct vma_set *set, vaddr_t start, vaddr_t end, unsigned prot, vaddr_t *done)
{
	vaddr_t reached = start;
	struct vma *area, *next;
	int error = 0;

	*done = start;
	if (!has_headroom(set))
		return -ENOMEM;
	area = split_at(set, start);
	split_at(set, end);
	for (; reached < end; area = area->next) {
		error = may_protect(area, reached, prot);
		if (error)
			break;
		area->prot = (u8)prot;
		reached = area->end;
	}
	/* Merge what the splits and the change left alike. */
	for (area = vma_first_above(set, start); area; area = next) {
		next = area->start <= end ? area->next : NULL;
		merge(set, area);
	}
	*done = reached;
	return error;
}

/* A copy of a branch, its areas behind those that are listed already. */
static struct vma *copy_branch(struct vma_set *to, const struct vma *top)
{
	struct vma *copy;

	if (!top)
		return NULL;
	copy = vma_set_take(to);
	*copy = *top;
	copy->left = copy_branch(to, top->left);
	copy->prev = to->last;
	*(to->last ? &to->last->next : &to->first) = copy;
	to->last = copy;
	if (copy->object && to->get)
		to->get(copy);
	copy->right = copy_branch(to, top->right);
	return copy;
}

int vma_copy(struct vma_set *to, const struct vma_set *from)
{
	if (to->nr_spare < from->count)
		return -ENOMEM;
	to->root = copy_branch(to, from->root);
	if (to->last)
		to->last->next = NULL;
	to->count = from->count;
	return 0;
}

void vma_grow_down(struct vma_set *set, struct vma *area, vaddr_t start)
{
	if (area->object)
		area->offset -= area->start - start;
	area->start = start;
	gap_changed(set, area);
}
