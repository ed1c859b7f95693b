/* SPDX-License-Identifier: MIT */
/* The self-test of the user copies: real page faults and general protection faults, by a sample,
 * while interrupts come and another task runs in between. */
#include <arch/alternative.h>
#include <arch/call_checked.h>
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/tlb.h>
#include <arch/uaccess.h>
#include <arch/user_pages.h>
#include <kernel/mm/aspace.h>
#include <kernel/mm/page.h>
#include <kernel/proc/task.h>
#include <kernel/selftest/copy.h>
#include <kernel/selftest/disturb.h>
#include <linux/mman.h>
#include <quench/format.h>
#include <quench/log.h>
#include <quench/records.h>
#include <quench/string.h>

#define USER_BASE     UINT64_C(0x20000000)
#define LONGEST       320
#define RED_ZONE      64
#define CANARY        0xa5
#define CANARIES      UINT64_C(0xa5a5a5a5a5a5a5a5)
#define SHORT_BYTES   33 /* below: every length with every place of the fault */
#define ONE_IN        97 /* of the longer ones, so many are left out for one that is tried */
#define USER_PROTECTS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)

/* The page before the hole of non-canonical addresses, which no program ever has. */
#define LAST_PAGE ARCH_USER_LIMIT

/* Two pages that may be written; what comes behind them, where accesses must end. */
static const struct edge {
	const char *name;
	vaddr_t end;
	bool readable; /* what lies behind it */
} edges[] = {
	{ "a hole", USER_BASE + 2 * PAGE_BYTES, false },
	{ "a read-only page", USER_BASE + 6 * PAGE_BYTES, true },
	{ "a non-canonical address", LAST_PAGE + PAGE_BYTES, false }, /* #GP, not #PF */
};

/* Inside the hole of non-canonical addresses, at its start and its end. */
static const u64 wild[] = { UINT64_C(0x0000800000000000), UINT64_C(0xffff7fffffffff80) };

static u8 pattern[LONGEST + 64];
static u8 buffer[RED_ZONE + 64 + LONGEST + RED_ZONE];

/* One variant on trial. */
struct trial {
	const char *name;
	copy_user_fn copy;
	clear_user_fn clear;
	struct arch_aspace *aspace;
	u64 random;
	u64 cases;
	char wrong[160]; /* the first wrong case; "" for none */
};

static u64 next_random(struct trial *trial)
{
	u64 z = trial->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool taken(struct trial *trial, size_t n)
{
	return n < SHORT_BYTES || next_random(trial) % ONE_IN == 0;
}

struct one_case {
	const char *what; /* "load", "store", "clear" */
	const char *where;
	size_t n, good;
};

static void complain(struct trial *trial, const struct one_case *c, const char *why, size_t got)
{
	if (!trial->wrong[0])
		format(trial->wrong, sizeof(trial->wrong), "%s of %lu bytes, %lu before %s: %s %lu",
		       c->what, c->n, c->good, c->where, why, got);
}

static void check_state(struct trial *trial, const struct one_case *c,
			const struct call_outcome *outcome)
{
	if (outcome->flags & (RFLAGS_AC | RFLAGS_DF))
		complain(trial, c, "left behind the flags", outcome->flags);
	if (!(outcome->flags & RFLAGS_IF))
		complain(trial, c, "interrupts are off, the flags", outcome->flags);
	if (outcome->clobbered)
		complain(trial, c, "a preserved register differs by", outcome->clobbered);
	if (outcome->vectors)
		complain(trial, c, "a vector or mask register differs by", outcome->vectors);
}

/* Calls the variant on trial and looks at all but memory. */
static void call(struct trial *trial, const struct one_case *c, void *to, const void *from)
{
	const size_t expected = c->good < c->n ? c->n - c->good : 0;
	struct call_outcome outcome;
	size_t left;

	if (trial->clear)
		left = call_checked((const void *)trial->clear, (u64)to, c->n, 0, &outcome);
	else
		left = call_checked((const void *)trial->copy, (u64)to, (u64)from, c->n, &outcome);
	trial->cases++;
	if (left != expected)
		complain(trial, c, "the bytes left are", left);
	check_state(trial, c, &outcome);
}

static bool all_canaries(const u8 *from, const u8 *to)
{
	for (; from < to; from++)
		if (*from != CANARY)
			return false;
	return true;
}

static void check_buffer(struct trial *trial, const struct one_case *c, const u8 *to,
			 const u8 *expected)
{
	const size_t done = c->good < c->n ? c->good : c->n;

	if (memcmp(to, expected, done))
		complain(trial, c, "wrong bytes among the first", done);
	if (!all_canaries(buffer, to))
		complain(trial, c, "wrote before the first of", c->n);
	if (!all_canaries(to + done, buffer + sizeof(buffer)))
		complain(trial, c, "wrote behind the first", done);
}

/* From user memory that ends at the edge. The pattern lies right before it. */
static void load(struct trial *trial, const struct edge *edge, size_t n, size_t good)
{
	const struct one_case c = { "load", edge->name, n, good };
	u8 *to = buffer + RED_ZONE + next_random(trial) % 64;
	const u8 *expected = pattern + sizeof(pattern) - good;

	memset(buffer, CANARY, sizeof(buffer));
	call(trial, &c, to, (const void *)(edge->end - good));
	check_buffer(trial, &c, to, expected);
}

/* A byte of the program's through the direct map, by nothing that is on trial. */
static u8 *alias(struct trial *trial, vaddr_t at)
{
	u64 *entry = arch_entry_find(trial->aspace, at);

	return (u8 *)arch_direct_map(arch_entry_page(entry)) + at % PAGE_BYTES;
}

static void fill_user(struct trial *trial, vaddr_t from, vaddr_t end)
{
	for (; from < end; from += 8)
		*(u64 *)alias(trial, from) = CANARIES;
}

/* The last `span` bytes before an edge against canaries, then `done` bytes of `expected`, then
 * canaries. */
static void check_user(struct trial *trial, const struct one_case *c, vaddr_t edge, size_t span,
		       const u8 *expected)
{
	const size_t done = c->good < c->n ? c->good : c->n, start = span - c->good;

	for (size_t at = 0; at < span; at += 8) {
		const u64 word = *(u64 *)alias(trial, edge - span + at);

		for (size_t i = at; i < at + 8; i++) {
			const bool inside = i >= start && i < start + done;
			const u8 wanted = !inside ? CANARY : expected ? expected[i - start] : 0;

			if ((u8)(word >> 8 * (i - at)) != wanted) {
				complain(trial, c, "user memory is wrong at byte", i - start);
				return;
			}
		}
	}
}

/* To user memory that ends at the edge, or a clear of it. */
static void store(struct trial *trial, const struct edge *edge, size_t n, size_t good)
{
	const struct one_case c = { trial->clear ? "clear" : "store", edge->name, n, good };
	const size_t span = (good + RED_ZONE + 7) & ~(size_t)7;
	const u8 *from = pattern + next_random(trial) % 64;
	void *to = (void *)(edge->end - good);

	fill_user(trial, edge->end - span, edge->end);
	call(trial, &c, to, from);
	check_user(trial, &c, edge->end, span, trial->clear ? NULL : from);
}

static void at_wild_addresses(struct trial *trial, size_t n)
{
	const struct one_case c = { "access", "a non-canonical address", n, 0 };
	u8 *at = (u8 *)(wild[n % ARRAY_SIZE(wild)] + next_random(trial) % 64);

	memset(buffer, CANARY, sizeof(buffer));
	call(trial, &c, at, pattern);
	if (trial->clear)
		return;
	call(trial, &c, buffer + RED_ZONE, at);
	check_buffer(trial, &c, buffer + RED_ZONE, pattern);
}

/* Up to 16 bytes behind the last are there as well: the case without a fault. */
static size_t last_place(size_t n)
{
	return n + 16 < LONGEST ? n + 16 : LONGEST;
}

static void run(struct trial *trial, bool loads)
{
	for (size_t n = 1; n <= LONGEST; n++) {
		for (size_t good = 0; good <= last_place(n); good++)
			for (size_t e = 0; e < ARRAY_SIZE(edges); e++) {
				if (!taken(trial, n) || (loads && edges[e].readable))
					continue;
				if (loads)
					load(trial, &edges[e], n, good);
				else
					store(trial, &edges[e], n, good);
			}
		at_wild_addresses(trial, n);
	}
}

static bool report(const struct trial *trial, const char *what)
{
	const bool ok = !trial->wrong[0];
	char name[48], why[sizeof(trial->wrong)];

	format(name, sizeof(name), "%s %s", what, trial->name);
	format(why, sizeof(why), "%lu cases, %lu interrupts", trial->cases, disturb_interrupts());
	log_line("selftest: %s: %s", name, ok ? why : trial->wrong);
	record_begin("test");
	record_string("name", name);
	record_bool("ok", ok);
	record_string("why", ok ? why : trial->wrong);
	record_end();
	return ok;
}

/* The pattern right before each edge. */
static void show_pattern(struct trial *trial)
{
	for (size_t e = 0; e < ARRAY_SIZE(edges); e++)
		for (size_t i = 0; i < sizeof(pattern); i++)
			*alias(trial, edges[e].end - sizeof(pattern) + i) = pattern[i];
}

static bool try_copy(const struct copy_variant *v, struct aspace *aspace)
{
	struct trial trial = { .name = v->name, .copy = v->copy, .aspace = &aspace->arch };

	show_pattern(&trial);
	run(&trial, true);
	run(&trial, false);
	return report(&trial, "copy");
}

static bool try_clear(const struct clear_variant *v, struct aspace *aspace)
{
	struct trial trial = { .name = v->name, .clear = v->clear, .aspace = &aspace->arch };

	run(&trial, false);
	return report(&trial, "clear");
}

static bool try_all(struct aspace *aspace)
{
	bool well = true;

	for (size_t v = 0; v < nr_copy_variants; v++)
		if (arch_copy_lacks(copy_variants[v].feature) < 0)
			well &= try_copy(&copy_variants[v], aspace);
	for (size_t v = 0; v < nr_clear_variants; v++)
		if (arch_copy_lacks(clear_variants[v].feature) < 0)
			well &= try_clear(&clear_variants[v], aspace);
	return well;
}

static bool map(struct aspace *aspace, vaddr_t at, size_t pages)
{
	return aspace_mmap(aspace, at, pages * PAGE_BYTES, PROT_READ | PROT_WRITE, USER_PROTECTS,
			   NULL, 0, false) > 0 &&
	       !aspace_clear(aspace, at, pages * PAGE_BYTES);
}

/* The page that aspace_mmap refuses; what lies below it makes its tables go with the rest. */
static bool map_last_page(struct aspace *aspace)
{
	const paddr_t page = page_alloc_zeroed();
	u64 *entry = arch_entry_make(&aspace->arch, LAST_PAGE);

	if (page && entry)
		arch_entry_set(entry, page, ARCH_READ | ARCH_WRITE);
	else if (page)
		page_put(page);
	return page && entry;
}

static void unmap_last_page(struct aspace *aspace)
{
	u64 *entry = arch_entry_find(&aspace->arch, LAST_PAGE);
	const paddr_t page = entry ? arch_entry_page(entry) : 0;

	if (!page)
		return;
	arch_entry_clear(entry);
	arch_tlb_flush(&aspace->arch, LAST_PAGE, LAST_PAGE + PAGE_BYTES);
	page_put(page);
}

/* All pages are put there beforehand: nobody mends a fault of the boot context. */
static bool furnish(struct aspace *aspace)
{
	return map(aspace, edges[0].end - 2 * PAGE_BYTES, 2) &&
	       map(aspace, edges[1].end - 2 * PAGE_BYTES, 3) &&
	       !aspace_mprotect(aspace, edges[1].end, PAGE_BYTES, PROT_READ) &&
	       map(aspace, LAST_PAGE - PAGE_BYTES, 1) && map_last_page(aspace);
}

/* What must be as it was: all vector and mask registers there are. */
static u8 widest_vectors(void)
{
	if (cpu_has(FEATURE_AVX512BW))
		return CALL_CHECKED_AVX512;
	return cpu_has(FEATURE_AVX) ? CALL_CHECKED_AVX : CALL_CHECKED_SSE;
}

bool selftest_copy(void)
{
	struct aspace *aspace = aspace_create();
	bool well = false;

	call_checked_vectors = widest_vectors();
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (u8)(1 + (i * 37 + i / 64 * 11) % 127);
	if (aspace && furnish(aspace)) {
		task_current()->aspace = aspace;
		arch_aspace_activate(&aspace->arch);
		disturb_start();
		well = try_all(aspace);
		disturb_stop();
		task_current()->aspace = NULL;
		arch_aspace_activate(NULL);
	} else {
		log_line("selftest: not enough memory for the copies");
	}
	if (aspace) {
		unmap_last_page(aspace);
		aspace_put(aspace);
	}
	return well;
}
