/* SPDX-License-Identifier: MIT */
/* Page frames: the buddy allocator over the machine's RAM, seen through the direct map, and each
 * processor's own small supply. */
#include <arch/percpu.h>
#include <arch/smp.h>
#include <arch/spinlock.h>
#include <arch/user_pages.h>
#include <kernel/mm/buddy.h>
#include <kernel/mm/memory_map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/page_stack.h>
#include <quench/log.h>
#include <quench/upcalls.h>

_Static_assert(PAGE_MAX_ORDER == BUDDY_ORDERS - 1, "one notion of the largest block");

#define LOW_MEMORY MIB(1) /* firmware data, trampolines */

/* What one processor keeps: single pages, blocks for kernel stacks, and zeroed pages that were page
 * tables. Used with interrupts off, by their processor alone. */
struct page_supply {
	struct page_stack single, stacks, tables;
};
static PERCPU(struct page_supply, supplies);

#define SINGLE_LIMIT PAGE_STACK_MAX
#define STACKS_LIMIT 8
#define TABLES_LIMIT 32

static struct arch_spinlock frames_lock; /* protects the free blocks; interrupts off */
static struct buddy frames;
static size_t nr_total;
paddr_t page_zero __ro_after_init;
static struct memory_stretch holes[4];
static size_t nr_holes;

static void add_hole(paddr_t base, u64 bytes)
{
	holes[nr_holes].start = base;
	holes[nr_holes++].end = base + bytes;
}

static void find_holes(const struct boot_info *info)
{
	paddr_t base;
	u64 bytes;

	add_hole(0, LOW_MEMORY);
	arch_kernel_image(&base, &bytes);
	add_hole(base, bytes);
	add_hole(info->initramfs, info->initramfs_bytes);
}

static bool next_stretch(const struct boot_info *info, paddr_t from, paddr_t limit,
			 struct memory_stretch *stretch)
{
	return memory_map_next(info->ranges, info->nr_ranges, holes, nr_holes, from, limit,
			       stretch);
}

/* The end of RAM, and the longest stretch that can be reached now. */
static paddr_t survey(const struct boot_info *info, struct memory_stretch *longest)
{
	struct memory_stretch stretch = { 0, 0 };
	paddr_t end = 0;

	*longest = stretch;
	while (next_stretch(info, stretch.end, ARCH_EARLY_MAP_BYTES, &stretch)) {
		if (stretch.end - stretch.start > longest->end - longest->start)
			*longest = stretch;
	}
	stretch.end = 0;
	while (next_stretch(info, stretch.end, ARCH_DIRECT_MAP_MAX, &stretch))
		end = stretch.end;
	return end;
}

static void add_memory(const struct boot_info *info, paddr_t from, paddr_t limit)
{
	struct memory_stretch stretch = { from, from };

	while (next_stretch(info, stretch.end, limit, &stretch)) {
		size_t count = (stretch.end - stretch.start) >> PAGE_SHIFT;

		buddy_add(&frames, stretch.start >> PAGE_SHIFT, count);
		nr_total += count;
	}
}

const char *page_init(const struct boot_info *info)
{
	struct memory_stretch longest;
	paddr_t end;
	u64 bytes;

	find_holes(info);
	end = survey(info, &longest);
	if (longest.start == longest.end)
		return "the memory map shows no usable RAM below 4 GiB";
	/* The entries of all pages may take a quarter of what can be reached; then RAM beyond a
	 * wide hole is left alone. */
	while (buddy_bytes(end >> PAGE_SHIFT) > (longest.end - longest.start) / 4)
		end = ALIGN_DOWN(end - end / 8, PAGE_BYTES);
	bytes = ALIGN_UP(buddy_bytes(end >> PAGE_SHIFT), PAGE_BYTES);
	add_hole(longest.start, bytes);
	buddy_init(&frames, arch_direct_map(longest.start), end >> PAGE_SHIFT);
	add_memory(info, 0, end < ARCH_EARLY_MAP_BYTES ? end : ARCH_EARLY_MAP_BYTES);
	return NULL;
}

void page_init_rest(const struct boot_info *info)
{
	add_memory(info, ARCH_EARLY_MAP_BYTES, (paddr_t)frames.nr_pages << PAGE_SHIFT);
	page_zero = page_alloc_zeroed();
}

struct buddy_page *page_of(paddr_t address)
{
	return &frames.pages[address >> PAGE_SHIFT];
}

/* Takes one block of 2^more blocks of 2^order pages apart; the lowest comes out first. */
static bool refill_whole(struct page_stack *stack, unsigned order, unsigned more)
{
	u32 page = buddy_alloc(&frames, order + more);

	if (page == BUDDY_NONE)
		return false;
	for (u32 n = UINT32_C(1) << more; n; n--)
		page_stack_push(stack, page + ((n - 1) << order));
	return true;
}

/* Fills an empty supply to half of what it holds, or with what there is; whether there is something
 * now. */
static bool refill(struct page_stack *stack, unsigned order, u32 limit)
{
	stack->limit = limit;
	arch_spin_lock(&frames_lock);
	if (!refill_whole(stack, order, limit >= 32 ? 4 : 2)) {
		while (stack->count < limit / 2 && refill_whole(stack, order, 0))
			;
	}
	arch_spin_unlock(&frames_lock);
	return stack->count;
}

/* Who counts references knows that the block is in use. */
static void give_back(u32 page, unsigned order)
{
	buddy_add(&frames, page, (size_t)1 << order);
}

/* Puts a block into a supply, making room when it is full. */
static void keep(struct page_stack *stack, unsigned order, u32 limit, u32 page)
{
	if (likely(page_stack_push(stack, page)))
		return;
	stack->limit = limit;
	arch_spin_lock(&frames_lock);
	for (u32 n = stack->count / 2; n; n--)
		give_back(page_stack_pop(stack), order);
	arch_spin_unlock(&frames_lock);
	page_stack_push(stack, page);
}

static u32 take(struct page_stack *stack, unsigned order, u32 limit)
{
	if (unlikely(!stack->count) && !refill(stack, order, limit))
		return BUDDY_NONE;
	return page_stack_pop(stack);
}

static u32 take_block(unsigned order)
{
	u32 page;

	arch_spin_lock(&frames_lock);
	page = buddy_alloc(&frames, order);
	arch_spin_unlock(&frames_lock);
	return page;
}

static paddr_t allocated(u32 page, unsigned order)
{
	if (unlikely(page == BUDDY_NONE))
		return 0;
	frames.pages[page].references = 1;
	frames.pages[page].order = (u8)order;
	return (paddr_t)page << PAGE_SHIFT;
}

paddr_t page_alloc(void)
{
	u64 flags = arch_interrupts_save();
	u32 page = take(&percpu_here(supplies)->single, 0, SINGLE_LIMIT);

	arch_interrupts_restore(flags);
	return allocated(page, 0);
}

paddr_t page_alloc_order(unsigned order)
{
	u64 flags = arch_interrupts_save();
	u32 page;

	if (order == PAGE_STACK_ORDER)
		page = take(&percpu_here(supplies)->stacks, order, STACKS_LIMIT);
	else
		page = take_block(order);
	arch_interrupts_restore(flags);
	return allocated(page, order);
}

paddr_t page_alloc_zeroed(void)
{
	paddr_t page = page_alloc();

	if (page)
		arch_page_clear(page);
	return page;
}

/* The entry of a page that is in use. */
static struct buddy_page *taken(paddr_t address)
{
	struct buddy_page *entry = &frames.pages[address >> PAGE_SHIFT];

	if (unlikely(address >> PAGE_SHIFT >= frames.nr_pages || !READ_ONCE(entry->references)))
		panic("page 0x%lx is used but not allocated", address);
	return entry;
}

void page_get(paddr_t page)
{
	__atomic_fetch_add(&taken(page)->references, 1, __ATOMIC_RELAXED);
}

u32 page_references(paddr_t page)
{
	return __atomic_load_n(&taken(page)->references, __ATOMIC_ACQUIRE);
}

static void release(u32 page, unsigned order)
{
	u64 flags = arch_interrupts_save();

	if (likely(!order)) {
		keep(&percpu_here(supplies)->single, 0, SINGLE_LIMIT, page);
	} else if (order == PAGE_STACK_ORDER) {
		keep(&percpu_here(supplies)->stacks, order, STACKS_LIMIT, page);
	} else {
		arch_spin_lock(&frames_lock);
		give_back(page, order);
		arch_spin_unlock(&frames_lock);
	}
	arch_interrupts_restore(flags);
}

void page_put(paddr_t page)
{
	struct buddy_page *entry = taken(page);

	if (!__atomic_sub_fetch(&entry->references, 1, __ATOMIC_ACQ_REL))
		release((u32)(page >> PAGE_SHIFT), entry->order);
}

/* Others may be changing theirs meanwhile: then the number is one of the moment. */
size_t page_free_count(void)
{
	size_t n = READ_ONCE(frames.nr_free);

	for (unsigned cpu = 0; cpu < arch_cpu_count(); cpu++) {
		const struct page_supply *supply = percpu_of(supplies, cpu);

		n += READ_ONCE(supply->single.count) + READ_ONCE(supply->tables.count) +
		     ((size_t)READ_ONCE(supply->stacks.count) << PAGE_STACK_ORDER);
	}
	return n;
}

size_t page_total_count(void)
{
	return nr_total;
}

paddr_t kernel_table_page_alloc(void)
{
	u64 flags = arch_interrupts_save();
	struct page_stack *tables = &percpu_here(supplies)->tables;
	paddr_t page = tables->count ? (paddr_t)page_stack_pop(tables) << PAGE_SHIFT : 0;

	arch_interrupts_restore(flags);
	return page ? page : page_alloc_zeroed();
}

/* Still allocated while it waits here: with its one reference. */
void kernel_table_page_free(paddr_t page)
{
	u64 flags = arch_interrupts_save();
	struct page_stack *tables = &percpu_here(supplies)->tables;

	tables->limit = TABLES_LIMIT;
	bool kept = page_stack_push(tables, (u32)(page >> PAGE_SHIFT));

	arch_interrupts_restore(flags);
	if (!kept)
		page_put(page);
}
