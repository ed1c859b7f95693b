/* SPDX-License-Identifier: MIT */
/* Page frames: the buddy allocator over the machine's RAM, seen through the direct map. */
#include <arch/pagetable.h>
#include <kernel/mm/buddy.h>
#include <kernel/mm/memory_map.h>
#include <kernel/mm/page.h>
#include <quench/log.h>
#include <quench/string.h>
#include <quench/upcalls.h>

_Static_assert(PAGE_MAX_ORDER == BUDDY_ORDERS - 1, "one notion of the largest block");

#define LOW_MEMORY MIB(1) /* firmware data, trampolines */

static struct buddy frames;
static size_t nr_total;
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
}

struct buddy_page *page_of(paddr_t address)
{
	return &frames.pages[address >> PAGE_SHIFT];
}

paddr_t page_alloc_order(unsigned order)
{
	u32 page = buddy_alloc(&frames, order);

	if (page == BUDDY_NONE)
		return 0;
	frames.pages[page].references = 1;
	frames.pages[page].order = (u8)order;
	return (paddr_t)page << PAGE_SHIFT;
}

paddr_t page_alloc(void)
{
	return page_alloc_order(0);
}

paddr_t page_alloc_zeroed(void)
{
	paddr_t page = page_alloc();

	if (page)
		memset(arch_direct_map(page), 0, PAGE_BYTES);
	return page;
}

static struct buddy_page *taken(paddr_t address)
{
	u32 page = (u32)(address >> PAGE_SHIFT);

	if (address >> PAGE_SHIFT >= frames.nr_pages || buddy_is_free(&frames, page) ||
	    !frames.pages[page].references)
		panic("page 0x%lx is used but not allocated", address);
	return &frames.pages[page];
}

void page_get(paddr_t page)
{
	taken(page)->references++;
}

u32 page_references(paddr_t page)
{
	return taken(page)->references;
}

void page_put(paddr_t page)
{
	struct buddy_page *entry = taken(page);

	if (--entry->references)
		return;
	if (!buddy_free(&frames, (u32)(page >> PAGE_SHIFT), entry->order))
		panic("page 0x%lx is freed twice", page);
}

size_t page_free_count(void)
{
	return frames.nr_free;
}

size_t page_total_count(void)
{
	return nr_total;
}

paddr_t kernel_table_page_alloc(void)
{
	return page_alloc_zeroed();
}

void kernel_table_page_free(paddr_t page)
{
	page_put(page);
}
