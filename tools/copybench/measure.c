/* SPDX-License-Identifier: MIT */
/* Rounds of samples. */
#include "measure.h"

#include "random.h"
#include "timing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_OPS    (UINT64_C(1) << 20)
#define BIG_BYTES  MIB(1)
#define BIG_ROUNDS 7

static u8 *to_arena, *from_arena;

/* Pages of 4 KiB, as user memory mostly has, whatever the machine's taste for huge ones. */
static u8 *arena_create(void)
{
	size_t bytes = MAX_BYTES + 4 * PAGE_BYTES;
	u8 *arena = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (arena == MAP_FAILED) {
		perror("copybench: no memory for the arenas");
		exit(1);
	}
	madvise(arena, bytes, MADV_NOHUGEPAGE);
	memset(arena, 1, bytes);
	return arena;
}

void measure_start(void)
{
	to_arena = arena_create();
	from_arena = arena_create();
}

/* The three arguments for a shape; `from` counts for copies only. */
struct arguments {
	u64 a, b, c;
};
static struct arguments arguments_of(enum shape shape, u64 to, u64 from, u64 bytes)
{
	switch (shape) {
	case SHAPE_COPY:
		return (struct arguments){ to, from, bytes };
	case SHAPE_CLEAR:
		return (struct arguments){ to, bytes, 0 };
	default:
		return (struct arguments){ to, 0, bytes };
	}
}

/* One contestant's part in a cell. */
struct part {
	const struct contestant *who;
	struct arguments arguments;
	u64 ops;
	u64 samples[MAX_ROUNDS];
};

static u64 repeat(const struct part *part, u64 ops)
{
	const struct arguments *at = &part->arguments;

	return time_repeat(part->who->fn, at->a, at->b, at->c, ops);
}

/* The least of three: whatever else runs on the machine only adds. */
static u64 repeat_undisturbed(const struct part *part, u64 ops)
{
	u64 least = UINT64_MAX;

	for (int i = 0; i < 3; i++) {
		u64 ticks = repeat(part, ops);

		least = ticks < least ? ticks : least;
	}
	return least ? least : 1;
}

/* Finds how many calls make a sample, and warms up while it does. */
static u64 calibrate(const struct part *part, u64 sample_ticks)
{
	u64 ops = 1, ticks = repeat_undisturbed(part, 1);

	while (ticks < sample_ticks / 4 && ops < MAX_OPS) {
		ops *= 4;
		ticks = repeat_undisturbed(part, ops);
	}
	ops = ops * sample_ticks / ticks;
	return ops < 1 ? 1 : ops > MAX_OPS ? MAX_OPS : ops;
}

static struct mix_entry entries[MIX_ENTRIES];
static struct call_offsets calls[MIX_ENTRIES];

static u64 pass_over_mix(const struct contestant *who)
{
	struct arguments base = arguments_of(who->shape, (u64)to_arena, (u64)from_arena, 0);

	for (size_t i = 0; i < MIX_ENTRIES; i++) {
		struct arguments at =
			arguments_of(who->shape, entries[i].to, entries[i].from, entries[i].bytes);

		calls[i] = (struct call_offsets){ (u32)at.a, (u32)at.b, (u32)at.c };
	}
	return time_calls(who->fn, base.a, base.b, calls, MIX_ENTRIES);
}

static u64 sample(const struct cell *cell, const struct part *part)
{
	return cell->mix ? pass_over_mix(part->who) : repeat(part, part->ops);
}

static void prepare(const struct cell *cell, struct part *part, u64 sample_ticks)
{
	part->arguments = arguments_of(part->who->shape, (u64)to_arena + cell->dst_off,
				       (u64)from_arena + cell->src_off, cell->bytes);
	part->ops = cell->mix ? MIX_ENTRIES : calibrate(part, sample_ticks);
}

static void draw_order(size_t *order, size_t n, u64 *random_state)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = random_below(random_state, (u32)i + 1);

		order[i] = i;
		order[i] = order[j];
		order[j] = i;
	}
}

static void run_rounds(const struct cell *cell, struct part *parts, size_t n, unsigned rounds,
		       u64 *random_state)
{
	size_t order[MAX_CONTESTANTS];

	for (unsigned round = 0; round < rounds; round++) {
		draw_order(order, n, random_state);
		if (cell->mix && !cell->sorted)
			mix_shuffle(entries, random_state);
		for (size_t i = 0; i < n; i++)
			parts[order[i]].samples[round] = sample(cell, &parts[order[i]]);
	}
}

static unsigned rounds_for(const struct cell *cell, unsigned rounds)
{
	return cell->bytes >= BIG_BYTES && rounds > BIG_ROUNDS ? BIG_ROUNDS : rounds;
}

size_t measure(const struct cell *cell, const struct contestant *contestants, size_t nr,
	       struct measure_settings *settings, struct result *out)
{
	static struct part parts[MAX_CONTESTANTS];
	unsigned rounds = rounds_for(cell, settings->rounds);
	u64 total = cell->mix ? mix_fill(cell->mix, entries, &settings->random_state) : 0;
	size_t n = 0;

	for (size_t i = 0; i < nr; i++) {
		if (cell->bytes > contestants[i].max_bytes)
			continue;
		parts[n].who = &contestants[i];
		prepare(cell, &parts[n++], settings->sample_ticks);
	}
	run_rounds(cell, parts, n, rounds, &settings->random_state);
	for (size_t i = 0; i < n; i++) {
		out[i] = (struct result){
			.cell = *cell,
			.variant = parts[i].who->name,
			.ops = parts[i].ops,
			.total_bytes = cell->mix ? total : cell->bytes * parts[i].ops,
			.ticks = quartiles_of(parts[i].samples, rounds),
		};
		out[i].cell.bytes = out[i].total_bytes / out[i].ops;
	}
	return n;
}
