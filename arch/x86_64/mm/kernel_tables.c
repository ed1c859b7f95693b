/* SPDX-License-Identifier: MIT */
/* The kernel's final page tables: its image and the direct map, nothing else. */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <quench/compiler.h>
#include <quench/upcalls.h>
#include <x86/machine.h>
#include <x86/mm.h>
#include <x86/percpu.h>
#include <x86/pte.h>
#include <x86/registers.h>

/* The linker script's. The first is physical, and so is __image_end. */
extern const u8 __image_start[], __image_end[];
extern const u8 __kernel_start[], __text_segment_end[], __rodata_segment_end[], __kernel_end[];

static paddr_t kernel_root __ro_after_init;
u64 x86_nx_bit __ro_after_init;

paddr_t x86_kernel_root(void)
{
	return kernel_root;
}

u64 x86_nx(void)
{
	return x86_read_msr(MSR_EFER) & EFER_NXE ? PTE_NX : 0;
}

void arch_kernel_image(paddr_t *base, u64 *bytes)
{
	*base = (paddr_t)__image_start;
	*bytes = (u64)__image_end - (u64)__image_start;
}

/* The next lower table, made when absent; NULL when memory is out. */
static u64 *table_below(u64 *entry)
{
	if (!(*entry & PTE_PRESENT)) {
		paddr_t page = kernel_table_page_alloc();

		if (!page)
			return NULL;
		*entry = page | PTE_PRESENT | PTE_WRITE;
	}
	return arch_direct_map(*entry & PTE_FRAME);
}

/* Maps one page of the size `level` has. One that a large page already shows stays as it is: only
 * ranges that share a page at their edges meet there. */
static int map_one(vaddr_t address, u64 entry, unsigned level)
{
	u64 *table = arch_direct_map(kernel_root);

	for (unsigned at = 4; at > level; at--) {
		u64 *slot = table + pte_index(address, at);

		if (at < 4 && *slot & PTE_LARGE)
			return 0;
		table = table_below(slot);
		if (!table)
			return -ENOMEM;
	}
	table[pte_index(address, level)] = entry | PTE_PRESENT | PTE_ACCESSED | PTE_GLOBAL;
	return 0;
}

/* Maps whole pages, in large ones where both addresses and the length allow. */
static int map_range(vaddr_t address, paddr_t from, paddr_t to, u64 flags)
{
	while (from < to) {
		bool large =
			!((address | from) & (PTE_LARGE_BYTES - 1)) && to - from >= PTE_LARGE_BYTES;
		u64 bytes = large ? PTE_LARGE_BYTES : PAGE_BYTES;
		int error = map_one(address, from | flags | (large ? PTE_LARGE : 0), large ? 2 : 1);

		if (error)
			return error;
		address += bytes;
		from += bytes;
	}
	return 0;
}

static int map_segment(const u8 *start, const u8 *end, u64 flags)
{
	return map_range((vaddr_t)start, (u64)start - ARCH_KERNEL_BASE, (u64)end - ARCH_KERNEL_BASE,
			 flags);
}

static int map_image(void)
{
	u64 nx = x86_nx();
	int error = map_segment(__kernel_start, __text_segment_end, 0);

	if (!error)
		error = map_segment(__text_segment_end, __rodata_segment_end, nx);
	if (!error)
		error = map_segment(__rodata_segment_end, __kernel_end, nx | PTE_WRITE);
	return error;
}

/* The part of [from, to) that lies in [low, high), if any. */
static int map_direct_part(paddr_t from, paddr_t to, paddr_t low, paddr_t high, u64 flags)
{
	if (from < low)
		from = low;
	if (to > high)
		to = high;
	return from < to ? map_range(ARCH_DIRECT_MAP + from, from, to, flags) : 0;
}

/* Where the direct map shows the image it is read-only, so that neither text nor what the seal
 * closes has a second, writable face. */
static int map_direct(paddr_t from, paddr_t to)
{
	paddr_t image = (paddr_t)__image_start, image_end = (paddr_t)__image_end;
	u64 nx = x86_nx();
	int error = map_direct_part(from, to, 0, image, nx | PTE_WRITE);

	if (!error)
		error = map_direct_part(from, to, image, image_end, nx);
	if (!error)
		error = map_direct_part(from, to, image_end, ARCH_DIRECT_MAP_MAX, nx | PTE_WRITE);
	return error;
}

/* RAM, that is: usable, or ACPI's. Reserved ranges may be devices, which speculation must not
 * reach through a cacheable mapping. */
static int map_memory(const struct boot_info *info)
{
	int error = 0;

	for (size_t i = 0; i < info->nr_ranges && !error; i++) {
		const struct memory_range *range = &info->ranges[i];

		if (range->type != MEMORY_RESERVED && range->type != MEMORY_BAD)
			error = map_direct(ALIGN_DOWN(range->base, PAGE_BYTES),
					   ALIGN_UP(range->base + range->bytes, PAGE_BYTES));
	}
	return error;
}

/* The entry of a kernel address that a 4 KiB page maps, NULL when none does. */
static u64 *kernel_entry(vaddr_t address)
{
	u64 *table = arch_direct_map(kernel_root);

	for (unsigned level = 4; level > 1; level--) {
		u64 entry = table[pte_index(address, level)];

		if (!(entry & PTE_PRESENT) || (level < 4 && entry & PTE_LARGE))
			return NULL;
		table = arch_direct_map(entry & PTE_FRAME);
	}
	return table + pte_index(address, 1);
}

static void unmap_guards(void)
{
	*kernel_entry((vaddr_t)x86_boot_stack.guard) = 0;
	for (size_t i = 0; i < ARRAY_SIZE(x86_ist_stacks); i++)
		*kernel_entry((vaddr_t)x86_ist_stacks[i].guard) = 0;
}

int arch_mm_init(const struct boot_info *info)
{
	int error;

	x86_nx_bit = x86_nx();
	kernel_root = kernel_table_page_alloc();
	if (!kernel_root)
		return -ENOMEM;
	error = map_image();
	if (!error)
		error = map_memory(info);
	if (error)
		return error;
	unmap_guards();
	x86_write_cr3(kernel_root);
	return 0;
}

int x86_map_device(vaddr_t address, paddr_t page)
{
	return map_one(address, page | x86_nx() | PTE_WRITE | PTE_UNCACHED | PTE_DIRTY, 1);
}

int x86_map_fresh(vaddr_t address, u64 bytes)
{
	u64 flags = x86_nx() | PTE_WRITE | PTE_DIRTY;
	int error = 0;

	for (u64 at = 0; at < bytes && !error; at += PAGE_BYTES) {
		paddr_t page = kernel_table_page_alloc();

		error = page ? map_one(address + at, page | flags, 1) : -ENOMEM;
	}
	return error;
}

void x86_map_read_only(vaddr_t address)
{
	*kernel_entry(address) &= ~(PTE_WRITE | PTE_DIRTY);
	x86_flush_page(address);
}
