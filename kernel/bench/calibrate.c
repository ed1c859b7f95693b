/* SPDX-License-Identifier: MIT */
/* Measuring the copies of this processor before its text is forged. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/uaccess.h>
#include <kernel/bench/calibrate.h>
#include <kernel/bench/calibrate_judge.h>
#include <kernel/mm/page.h>
#include <quench/log.h>
#include <quench/records.h>
#include <quench/string.h>

#define BUDGET_US    3000
#define ARENA_ORDER  3 /* 2^3 pages on either side */
#define ARENA_BYTES  (PAGE_BYTES << ARENA_ORDER)
#define CALLS        96
#define ROUNDS       31
#define IN_A_ROW     4 /* calls a sample of one size: the start of one overlaps the one before */
#define MAX_VARIANTS 16

/* Sizes of system calls, as tools/copybench draws them, without those that a threshold decides. */
static const u16 usual[] = { 8, 16, 16, 32, 12, 56, 144, 256, 24, 40, 6, 60, 100, 200, 33, 16 };
/* Where the loop of a variant and the string move may meet. */
static const u32 meeting[] = { 512, 1024, 2048, 4096, 8192, 16384 };

struct call {
	u32 to, from, bytes;
};

struct arena {
	u8 *to, *from;
	struct call calls[CALLS];
	u64 deadline; /* of the TSC */
};

static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Three in four places are aligned as structures are; the order of sizes is one nobody guesses. */
static void draw_calls(struct arena *arena)
{
	u32 state = 2463534242;

	for (size_t i = 0; i < CALLS; i++) {
		struct call *call = &arena->calls[i];
		u32 mask = next_random(&state) & 3 ? ~7u : ~0u;

		call->bytes = usual[next_random(&state) % ARRAY_SIZE(usual)];
		call->to = next_random(&state) % (ARENA_BYTES / 2) & mask;
		call->from = next_random(&state) % (ARENA_BYTES / 2) & mask;
	}
}

static bool late(const struct arena *arena)
{
	return arch_tsc() >= arena->deadline;
}

static u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

static u64 time_calls(const struct arena *arena, copy_user_fn copy)
{
	size_t left = 0;
	u64 start = arch_tsc();

	for (size_t i = 0; i < CALLS; i++) {
		const struct call *call = &arena->calls[i];

		left |= copy(arena->to + call->to, arena->from + call->from, call->bytes);
	}
	u64 ticks = arch_tsc() - start;

	return left ? UINT64_MAX : ticks;
}

/* The least of the rounds, whatever else there is only adds; the sizes of the next are in another
 * order for the branch predictor's sake. */
static void measure_variants(struct arena *arena, u64 *ticks)
{
	for (size_t round = 0; round < ROUNDS && !late(arena); round++) {
		for (size_t v = 0; v < nr_copy_variants && !late(arena); v++) {
			u64 taken;

			if (ticks[v] == 0)
				continue;
			taken = time_calls(arena, copy_variants[v].copy);
			ticks[v] = least(ticks[v], taken);
		}
		for (size_t i = 0; i < CALLS; i++) {
			u32 bytes = arena->calls[i].bytes;
			size_t other = (i * 7 + round) % CALLS;

			arena->calls[i].bytes = arena->calls[other].bytes;
			arena->calls[other].bytes = bytes;
		}
	}
}

static u64 time_copy(const struct arena *arena, copy_user_fn copy, u32 to, u32 bytes)
{
	u64 best = UINT64_MAX;

	for (int i = 0; i < ROUNDS && !late(arena); i++) {
		u64 start = arch_tsc();

		for (int k = 0; k < IN_A_ROW; k++)
			if (copy(arena->to + to, arena->from, bytes))
				return UINT64_MAX;
		best = least(best, arch_tsc() - start);
	}
	return best;
}

static u64 time_clear(const struct arena *arena, clear_user_fn clear, u32 bytes)
{
	u64 best = UINT64_MAX;

	for (int i = 0; i < ROUNDS && !late(arena); i++) {
		u64 start = arch_tsc();

		for (int k = 0; k < IN_A_ROW; k++)
			if (clear(arena->to, bytes))
				return UINT64_MAX;
		best = least(best, arch_tsc() - start);
	}
	return best;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static size_t variant_named(const char *name)
{
	size_t v = 0;

	while (!same(copy_variants[v].name, name))
		v++;
	return v;
}

static clear_user_fn clear_named(const char *name)
{
	for (size_t v = 0; v < nr_clear_variants; v++)
		if (same(clear_variants[v].name, name))
			return clear_variants[v].clear;
	return NULL;
}

static bool goes_by_quads(const char *name)
{
	return same(name, "aligned") || same(name, "unaligned");
}

/* Before patching no threshold is reached, so each variant is its loop. */
static u32 copy_threshold(const struct arena *arena, size_t v)
{
	const char *rival = goes_by_quads(copy_variants[v].name) ? "movsq" : "fsrm";
	copy_user_fn string = copy_variants[variant_named(rival)].copy;
	u64 loop[ARRAY_SIZE(meeting)], rep[ARRAY_SIZE(meeting)];

	for (size_t i = 0; i < ARRAY_SIZE(meeting); i++) {
		loop[i] = time_copy(arena, copy_variants[v].copy, 2048, meeting[i]);
		rep[i] = time_copy(arena, string, 2048, meeting[i]);
	}
	return calibrate_threshold(meeting, loop, rep, ARRAY_SIZE(meeting));
}

static u32 clear_threshold(const struct arena *arena, const char *name)
{
	clear_user_fn clear = clear_named(same(name, "masked") ? name : "unaligned");
	clear_user_fn string = clear_named(goes_by_quads(name) ? "stosq" : "stosb");
	u64 loop[ARRAY_SIZE(meeting)], rep[ARRAY_SIZE(meeting)];

	for (size_t i = 0; i < ARRAY_SIZE(meeting); i++) {
		loop[i] = time_clear(arena, clear, meeting[i]);
		rep[i] = time_clear(arena, string, meeting[i]);
	}
	return calibrate_threshold(meeting, loop, rep, ARRAY_SIZE(meeting));
}

/* The worst of a few places a little above the source, against half a page away. */
static bool has_cliff(const struct arena *arena)
{
	copy_user_fn string = copy_variants[variant_named("fsrm")].copy;
	u64 near = 0;

	for (u32 d = 4; d < 32; d += 9) {
		u64 ticks = time_copy(arena, string, d, 1024);

		near = ticks > near ? ticks : near;
	}
	return !late(arena) && calibrate_cliff(near, time_copy(arena, string, 2048, 1024));
}

/* Neither the reference nor what is made for copies larger than the caches is a candidate; nor,
 * on a cliff, are those that would fall off it. */
static bool is_candidate(const struct copy_variant *variant, bool cliff)
{
	if (variant->feature < 0 || same(variant->name, "streaming"))
		return false;
	if (cliff && (same(variant->name, "fsrm") || same(variant->name, "erms")))
		return false;
	return arch_copy_lacks(variant->feature) < 0;
}

static bool has_threshold(const char *name)
{
	return same(name, "erms") || same(name, "overlap") || same(name, "sse") ||
	       same(name, "masked") || goes_by_quads(name);
}

static void record_figures(const u64 *ticks)
{
	for (size_t v = 0; v < nr_copy_variants; v++) {
		if (!ticks[v])
			continue;
		record_begin("calibrate");
		record_string("variant", copy_variants[v].name);
		record_u64("ops", CALLS);
		record_u64("tsc", ticks[v]);
		record_end();
	}
}

static void record_choice(const struct copy_thresholds *thresholds, bool cliff, u64 ns)
{
	record_begin("calibrated");
	record_string("variant", arch_cpu_report()->copy_name);
	record_u64("copy_rep", thresholds->copy_rep);
	record_u64("clear_rep", thresholds->clear_rep);
	record_bool("cliff", cliff);
	record_u64("ns", ns);
	record_string("clock", arch_clock_kind());
	record_end();
}

static void choose(struct arena *arena)
{
	u64 ticks[MAX_VARIANTS] = { 0 }, start = arch_clock_ns();
	struct copy_thresholds thresholds = { 0 };
	bool cliff = has_cliff(arena);
	size_t kept = variant_named(arch_cpu_report()->copy_name), best;

	for (size_t v = 0; v < nr_copy_variants; v++)
		ticks[v] = is_candidate(&copy_variants[v], cliff) ? UINT64_MAX : 0;
	measure_variants(arena, ticks);
	best = calibrate_best(ticks, nr_copy_variants, kept);
	const char *name = copy_variants[best].name;

	if (has_threshold(name)) {
		thresholds.copy_rep = copy_threshold(arena, best);
		thresholds.clear_rep = clear_threshold(arena, name);
	}
	if (late(arena)) {
		log_line("calibrate: no verdict within %u us; the policy's choice, %s, stays",
			 BUDGET_US, arch_cpu_report()->copy_name);
		return;
	}
	u64 ns = arch_clock_ns() - start;

	arch_cpu_choose_copy(name, &thresholds, cliff);
	record_figures(ticks);
	record_choice(&thresholds, cliff, ns);
	log_line(
		"calibrate: user copies: %s, string moves from %u bytes on (0: never), clearing from %u;"
		" %lu us",
		name, thresholds.copy_rep, thresholds.clear_rep, ns / 1000);
}

/* "native" or "kvm"; an emulator's says "tcg" or "icount". */
static bool clock_is_silicon(void)
{
	return arch_clock_kind()[0] == 'n' || arch_clock_kind()[0] == 'k';
}

void calibrate_copies(bool anyway)
{
	static struct arena arena;
	paddr_t to, from;

	if (!clock_is_silicon() && !anyway) {
		log_line("calibrate: the clock is an emulator's and tells nothing of silicon; the "
			 "policy's choice, %s, stays (copy=calibrate-anyway measures all the same)",
			 arch_cpu_report()->copy_name);
		return;
	}
	to = page_alloc_order(ARENA_ORDER);
	from = page_alloc_order(ARENA_ORDER);
	if (to && from) {
		arena.to = arch_direct_map(to);
		arena.from = arch_direct_map(from);
		memset(arena.to, 1, ARENA_BYTES);
		memset(arena.from, 2, ARENA_BYTES);
		draw_calls(&arena);
		arena.deadline = arch_tsc() + arch_tsc_khz() * BUDGET_US / 1000;
		choose(&arena);
	}
	if (to)
		page_put(to);
	if (from)
		page_put(from);
}

void calibrate_if_asked(const char *copy)
{
	bool anyway = copy && same(copy, "calibrate-anyway");

	if (anyway || (copy && same(copy, "calibrate")))
		calibrate_copies(anyway);
}
