/* SPDX-License-Identifier: MIT */
/*
 * The seed question: what a copy from user memory costs when every page is looked up first, and
 * what when the processor is left to fault. For measuring alone: nothing else asks first, and
 * docs/seed-question.md says what asking cannot see.
 */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/uaccess.h>
#include <kernel/bench/seed.h>
#include <kernel/mm/aspace.h>
#include <linux/mman.h>
#include <quench/log.h>
#include <quench/records.h>
#include <quench/string.h>

#define USER_BASE UINT64_C(0x30000000)
#define EDGE      (USER_BASE + 2 * PAGE_BYTES) /* nothing is mapped from here on */
#define OPS       16
#define ROUNDS    7

/* SDM volume 3, "4-Level Paging and 5-Level Paging". */
#define ENTRY_PRESENT_USER UINT64_C(5)
#define ENTRY_FRAME        UINT64_C(0x000ffffffffff000)

static const u32 sizes[] = { 8, 64, 512, 4096 };
static const char *const pointers[] = { "good", "last-byte-bad", "first-byte-bad" };
static u8 buffer[PAGE_BYTES] __aligned(64);
static u8 table_lock; /* nobody contends for it: the least a lock can cost */

static void lock(void)
{
	while (__atomic_exchange_n(&table_lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(void)
{
	__atomic_store_n(&table_lock, 0, __ATOMIC_RELEASE);
}

static bool is_there(const struct aspace *aspace, vaddr_t address)
{
	const u64 *table = arch_direct_map(aspace->arch.root);

	for (unsigned shift = 39;; shift -= 9) {
		const u64 entry = table[address >> shift & 511];

		if ((entry & ENTRY_PRESENT_USER) != ENTRY_PRESENT_USER)
			return false;
		if (shift == 12)
			return true;
		table = arch_direct_map(entry & ENTRY_FRAME);
	}
}

/* How many bytes from `address` on are there, of n; every page under the lock. */
static size_t count_there(const struct aspace *aspace, vaddr_t address, size_t n)
{
	const vaddr_t end = address + n;
	vaddr_t at = address;

	while (at < end) {
		lock();
		const bool there = is_there(aspace, at);

		unlock();
		if (!there)
			return at - address;
		at = (at | (PAGE_BYTES - 1)) + 1;
	}
	return n;
}

/* Both by the same routine, so that only the asking differs. */
static size_t copy_checked(const struct aspace *aspace, vaddr_t from, size_t n)
{
	const size_t there = count_there(aspace, from, n);

	if (there < n)
		memset(buffer + there, 0, n - there); /* as copy_from_user does */
	return n - there + copy_from_user(buffer, (const void __user *)from, there);
}

static size_t copy_faulting(const struct aspace *aspace, vaddr_t from, size_t n)
{
	return copy_from_user(buffer, (const void __user *)from, n);
}

static const struct way {
	const char *name;
	size_t (*copy)(const struct aspace *aspace, vaddr_t from, size_t n);
} ways[] = { { "seed-check", copy_checked }, { "seed-fault", copy_faulting } };

static vaddr_t place(size_t pointer, u32 bytes)
{
	if (pointer == 2)
		return EDGE;
	return pointer ? EDGE - bytes + 1 : EDGE - bytes;
}

/* The least of a few rounds; 0 when a copy answered wrongly. */
static u64 measure(const struct way *way, const struct aspace *aspace, vaddr_t from, u32 bytes)
{
	const size_t expected = EDGE - from < bytes ? bytes - (EDGE - from) : 0;
	u64 best = UINT64_MAX;

	for (int round = 0; round < ROUNDS; round++) {
		u64 start = arch_tsc();

		for (int i = 0; i < OPS; i++)
			if (way->copy(aspace, from, bytes) != expected)
				return 0;
		u64 ticks = arch_tsc() - start;

		if (ticks < best)
			best = ticks;
	}
	return best;
}

static void bench_cell(const struct way *way, const struct aspace *aspace, u32 bytes,
		       size_t pointer)
{
	const vaddr_t from = place(pointer, bytes);
	const u64 ticks = measure(way, aspace, from, bytes);

	log_text(" %11lu", ticks / OPS);
	record_begin("bench");
	record_string("name", way->name);
	record_string("variant", pointers[pointer]);
	record_u64("bytes", bytes);
	record_u64("dst_off", 0);
	record_u64("src_off", from % PAGE_BYTES);
	record_u64("ops", OPS);
	record_u64("tsc", ticks);
	record_string("clock", arch_clock_kind());
	record_end();
}

static void bench_tables(const struct aspace *aspace)
{
	log_line(
		"\nTicks a copy, clock %s: asking first (check), and not (fault); 0: a wrong answer.",
		arch_clock_kind());
	for (size_t p = 0; p < ARRAY_SIZE(pointers); p++) {
		log_line("%-16s%12s%12s", pointers[p], "check", "fault");
		for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
			log_text("%12u B  ", sizes[s]);
			for (size_t w = 0; w < ARRAY_SIZE(ways); w++)
				bench_cell(&ways[w], aspace, sizes[s], p);
			log_text("\n");
		}
	}
}

static bool furnish(struct aspace *aspace)
{
	const unsigned flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	const size_t bytes = EDGE - USER_BASE;

	return aspace_mmap(aspace, USER_BASE, bytes, PROT_READ | PROT_WRITE, flags, NULL, 0,
			   false) > 0 &&
	       !aspace_clear(aspace, USER_BASE, bytes);
}

void bench_seed(void)
{
	struct aspace *aspace = aspace_create();

	if (aspace && furnish(aspace)) {
		arch_aspace_activate(&aspace->arch);
		bench_tables(aspace);
		arch_aspace_activate(NULL);
	} else {
		log_line("bench: not enough memory for the seed question");
	}
	if (aspace)
		aspace_put(aspace);
}
