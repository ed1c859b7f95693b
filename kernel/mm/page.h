/* SPDX-License-Identifier: MIT */
/*
 * Page frames: all of the machine's RAM in pages of 4 KiB, each with a reference count. On top of
 * the buddy allocator (buddy.h) stand caches for each processor, so that a page comes and goes
 * without a lock. Any context, interrupt handlers too.
 */
#pragma once

#include <quench/boot_info.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* The largest block is 2^PAGE_MAX_ORDER pages. */
#define PAGE_MAX_ORDER 13

/*
 * Takes over the usable RAM of the memory map below ARCH_EARLY_MAP_BYTES, without the low 1 MiB,
 * the kernel image and the initramfs. Boot context, once, before arch_mm_init. Returns NULL, or
 * why there is nothing to run in.
 */
const char *page_init(const struct boot_info *info) __must_check;
/* The RAM above, once arch_mm_init has mapped it. Boot context, once. */
void page_init_rest(const struct boot_info *info);

/* One page with one reference, contents undefined, or zeroed. 0 when memory is out. */
paddr_t page_alloc(void);
paddr_t page_alloc_zeroed(void);
/* 2^order pages in a row, aligned to their size, with one reference together; 0 when out. Kernel
 * stacks (PAGE_STACK_ORDER) come from a cache, too. */
paddr_t page_alloc_order(unsigned order);
#define PAGE_STACK_ORDER 2

/* References, counted atomically. page_put of the last one frees the page, or the whole block of
 * its order; putting a page that is free already panics. */
void page_get(paddr_t page);
void page_put(paddr_t page);
u32 page_references(paddr_t page);

/* Pages free now, in whatever cache, and pages ever taken over. */
size_t page_free_count(void);
size_t page_total_count(void);

/* A page of zeroes, for reading only, that many may share: its references are not counted. There
 * from page_init_rest on. */
extern paddr_t page_zero;

/* The allocator's entry for the page that `address` lies in, or whose direct map does. */
struct buddy_page *page_of(paddr_t address);
