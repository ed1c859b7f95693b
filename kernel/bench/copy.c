/* SPDX-License-Identifier: MIT */
/* The copy benchmark: every variant of copying from and of clearing user memory, in TSC ticks. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/uaccess.h>
#include <kernel/bench/copy.h>
#include <kernel/mm/aspace.h>
#include <kernel/mm/page.h>
#include <linux/mman.h>
#include <quench/log.h>
#include <quench/records.h>

#define USER_BASE       UINT64_C(0x10000000)
#define BUFFER_ORDER    5 /* 2^5 pages: the largest size and a page for offsets */
#define USER_PAGES      17
#define ROUNDS          7
#define MAX_CONTESTANTS 16

static const u32 sizes[] = { 8, 64, 256, 1500, 4096, 65536 };
static const struct {
	const char *name;
	u32 dst, src; /* bytes past a page boundary */
} alignments[] = { { "aligned", 0, 0 }, { "misaligned", 3, 1 } };

/* What is measured: one of the two. */
struct contestant {
	const char *name;
	copy_user_fn copy;
	clear_user_fn clear;
};

/* Those that this processor can run, and last what it ships. */
static struct contestant contestants[MAX_CONTESTANTS];
static size_t nr_contestants;

static size_t ship_copy(void *to, const void *from, size_t n)
{
	return copy_from_user(to, (__force const void __user *)from, n);
}

static size_t ship_clear(void *to, size_t n)
{
	return clear_user((__force void __user *)to, n);
}

static void add(struct contestant contestant)
{
	if (nr_contestants < MAX_CONTESTANTS)
		contestants[nr_contestants++] = contestant;
}

static void list_copies(void)
{
	nr_contestants = 0;
	for (size_t v = 0; v < nr_copy_variants; v++)
		if (arch_copy_lacks(copy_variants[v].feature) < 0)
			add((struct contestant){ .name = copy_variants[v].name,
						 .copy = copy_variants[v].copy });
	add((struct contestant){ .name = "quench", .copy = ship_copy });
}

static void list_clears(void)
{
	nr_contestants = 0;
	for (size_t v = 0; v < nr_clear_variants; v++)
		if (arch_copy_lacks(clear_variants[v].feature) < 0)
			add((struct contestant){ .name = clear_variants[v].name,
						 .clear = clear_variants[v].clear });
	add((struct contestant){ .name = "quench", .clear = ship_clear });
}

struct arena {
	struct aspace *aspace;
	u8 *kernel;
};

/* One cell of the table: the ticks of `ops` copies, each round's kept for the median. */
struct cell {
	u64 ticks[ROUNDS];
};

static void sort(u64 *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j && v[j - 1] > v[j]; j--) {
			u64 t = v[j];

			v[j] = v[j - 1];
			v[j - 1] = t;
		}
}

static u32 ops_for(u32 bytes)
{
	return bytes >= 8192 ? 1 : 8192 / bytes;
}

static u64 time_copies(copy_user_fn copy, u8 *to, const u8 *from, u32 bytes, u32 ops)
{
	size_t left = 0;
	u64 start = arch_tsc();

	for (u32 i = 0; i < ops; i++)
		left |= copy(to, from, bytes);
	u64 ticks = arch_tsc() - start;

	return left ? 0 : ticks;
}

static u64 time_clears(clear_user_fn clear, u8 *to, u32 bytes, u32 ops)
{
	size_t left = 0;
	u64 start = arch_tsc();

	for (u32 i = 0; i < ops; i++)
		left |= clear(to, bytes);
	u64 ticks = arch_tsc() - start;

	return left ? 0 : ticks;
}

static u64 time_one(const struct contestant *who, const struct arena *arena, u32 bytes,
		    size_t alignment)
{
	u8 *user = (u8 *)USER_BASE;

	if (who->clear)
		return time_clears(who->clear, user + alignments[alignment].dst, bytes,
				   ops_for(bytes));
	return time_copies(who->copy, arena->kernel + alignments[alignment].dst,
			   user + alignments[alignment].src, bytes, ops_for(bytes));
}

/* The rounds go through all variants before the next begins, so that noise meets them alike. */
static void measure(struct cell *cells, const struct arena *arena, u32 bytes, size_t alignment)
{
	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t v = 0; v < nr_contestants; v++)
			cells[v].ticks[round] = time_one(&contestants[v], arena, bytes, alignment);
	for (size_t v = 0; v < nr_contestants; v++)
		sort(cells[v].ticks, ROUNDS);
}

static void record_cell(const struct cell *cell, const struct contestant *who, u32 bytes,
			size_t alignment)
{
	record_begin("bench");
	record_string("name", who->clear ? "clear" : "copy");
	record_string("variant", who->name);
	record_u64("bytes", bytes);
	record_u64("dst_off", alignments[alignment].dst);
	record_u64("src_off", who->clear ? 0 : alignments[alignment].src);
	record_u64("ops", ops_for(bytes));
	record_u64("tsc", cell->ticks[ROUNDS / 2]);
	record_u64("tsc_min", cell->ticks[0]);
	record_u64("tsc_max", cell->ticks[ROUNDS - 1]);
	record_string("clock", arch_clock_kind());
	if (who->copy == ship_copy)
		record_string("copy", arch_cpu_report()->copy_name);
	record_end();
}

static u64 bytes_per_1000_ticks(const struct cell *cell, u32 bytes)
{
	u64 ticks = cell->ticks[ROUNDS / 2];

	return ticks ? (u64)bytes * ops_for(bytes) * 1000 / ticks : 0;
}

static void print_heading(size_t alignment)
{
	log_text("\n%-12s", alignments[alignment].name);
	for (size_t v = 0; v < nr_contestants; v++)
		log_text("%12s", contestants[v].name);
	log_text("\n");
}

static void bench_row(const struct arena *arena, u32 bytes, size_t alignment)
{
	static struct cell cells[MAX_CONTESTANTS];

	measure(cells, arena, bytes, alignment);
	log_text("%8u B  ", bytes);
	for (size_t v = 0; v < nr_contestants; v++) {
		log_text(" %11lu", bytes_per_1000_ticks(&cells[v], bytes));
		record_cell(&cells[v], &contestants[v], bytes, alignment);
	}
	log_text("\n");
}

static void bench_tables(const struct arena *arena)
{
	for (size_t a = 0; a < ARRAY_SIZE(alignments); a++) {
		print_heading(a);
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
			bench_row(arena, sizes[s], a);
	}
}

static void print_clock(void)
{
	log_line(
		"\nCopy throughput, user to kernel: bytes per 1000 TSC ticks, medians of %u interleaved "
		"rounds; policy chose %s.",
		ROUNDS, arch_cpu_report()->copy_name);
	if (arch_clock_kind()[0] != 'n')
		log_line(
			"Clock: %s. TCG is not silicon: these figures compare emulated instructions, not "
			"processors.",
			arch_clock_kind());
}

static bool arena_create(struct arena *arena)
{
	const unsigned flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE;
	paddr_t kernel = page_alloc_order(BUFFER_ORDER);

	arena->kernel = kernel ? arch_direct_map(kernel) : NULL;
	arena->aspace = aspace_create();
	return kernel && arena->aspace &&
	       aspace_mmap(arena->aspace, USER_BASE, USER_PAGES * PAGE_BYTES,
			   PROT_READ | PROT_WRITE, flags, NULL, 0, true) > 0;
}

static void arena_destroy(struct arena *arena)
{
	arch_aspace_activate(NULL);
	if (arena->kernel)
		page_put(arch_direct_map_address(arena->kernel));
	if (arena->aspace)
		aspace_put(arena->aspace);
}

void bench_copy(void)
{
	struct arena arena = { 0 };

	if (!arena_create(&arena)) {
		log_line("bench: not enough memory for the copy benchmark");
		arena_destroy(&arena);
		return;
	}
	arch_aspace_activate(&arena.aspace->arch);
	print_clock();
	list_copies();
	bench_tables(&arena);
	log_line("\nClearing user memory, in the same way:");
	list_clears();
	bench_tables(&arena);
	arena_destroy(&arena);
}
