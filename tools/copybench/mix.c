/* SPDX-License-Identifier: MIT */
/* The mixes and how they are drawn. */
#include "mix.h"

#include "random.h"

#include <stdlib.h>

/* A size whose logarithm is uniform: every octave as often, then every size in it. */
static u32 log_uniform(u64 *state, unsigned octaves)
{
	u32 octave = random_below(state, octaves);
	u32 bytes = (1u << octave) + random_below(state, 1u << octave);

	return octave == octaves - 1 && random_below(state, 64) == 0 ? 2u << octave : bytes;
}

static u32 draw_log_256(u64 *state)
{
	return log_uniform(state, 8);
}

static u32 draw_log_4096(u64 *state)
{
	return log_uniform(state, 12);
}

static u32 draw_8_64(u64 *state)
{
	return 8 + random_below(state, 57);
}

/* What user copies are for, by a guess at their shares; the sizes of structures are Linux's. */
static const struct share {
	u16 percent;
	u16 first, last;
} syscall_shares[] = {
	{ 12, 8, 8 },      /* a pointer, a length, a descriptor pair, a futex word */
	{ 14, 16, 16 },    /* timespec, timeval, iovec, rlimit, sockaddr_in */
	{ 6, 32, 32 },     /* sigaction, two iovecs */
	{ 4, 12, 12 },     /* epoll_event */
	{ 4, 56, 56 },     /* msghdr */
	{ 8, 144, 144 },   /* stat, rusage */
	{ 2, 256, 256 },   /* statx */
	{ 16, 6, 60 },     /* paths and names */
	{ 14, 1, 256 },    /* short reads and writes: pipes, terminals, events */
	{ 8, 257, 1500 },  /* messages, packets */
	{ 8, 4096, 4096 }, /* a page or a stdio buffer */
	{ 4, 1024, 4095 }, /* the end of a file */
};

static u32 draw_syscall(u64 *state)
{
	u32 at = random_below(state, 100);
	size_t i = 0;

	while (at >= syscall_shares[i].percent)
		at -= syscall_shares[i++].percent;
	return syscall_shares[i].first +
	       random_below(state, syscall_shares[i].last - syscall_shares[i].first + 1u);
}

const struct mix mixes[] = {
	{ "log-1-256", "log-uniform 1 to 256", draw_log_256 },
	{ "log-1-4096", "log-uniform 1 to 4096", draw_log_4096 },
	{ "uniform-8-64", "uniform 8 to 64", draw_8_64 },
	{ "syscall", "structures, paths, short and page-sized reads", draw_syscall },
};
const size_t nr_mixes = ARRAY_SIZE(mixes);

/* Three in four buffers are aligned as malloc and structures are, the rest stand anywhere. */
static u32 draw_place(u64 *state)
{
	u32 place = random_below(state, MIX_ARENA_BYTES);

	return random_below(state, 4) ? place & ~7u : place;
}

static int compare(const void *a, const void *b)
{
	u32 x = ((const struct mix_entry *)a)->bytes, y = ((const struct mix_entry *)b)->bytes;

	return (x > y) - (x < y);
}

u64 mix_fill(const struct mix *mix, struct mix_entry *entries, u64 *random_state)
{
	u64 sum = 0;

	for (size_t i = 0; i < MIX_ENTRIES; i++) {
		entries[i].bytes = mix->draw(random_state);
		entries[i].to = draw_place(random_state);
		entries[i].from = draw_place(random_state);
		sum += entries[i].bytes;
	}
	qsort(entries, MIX_ENTRIES, sizeof(*entries), compare);
	return sum;
}

void mix_shuffle(struct mix_entry *entries, u64 *random_state)
{
	for (u32 i = MIX_ENTRIES - 1; i; i--) {
		u32 j = random_below(random_state, i + 1);
		struct mix_entry t = entries[i];

		entries[i] = entries[j];
		entries[j] = t;
	}
}
