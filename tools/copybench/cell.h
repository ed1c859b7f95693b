/* SPDX-License-Identifier: MIT */
/* What is measured: one size at one place, or one mix; and what came out. */
#pragma once

#include "mix.h"
#include "stats.h"

enum group { GROUP_SIZES, GROUP_MISALIGNED, GROUP_OFFSETS, GROUP_PAGES, GROUP_MIXES, NR_GROUPS };

struct cell {
	u32 number; /* in its list */
	enum group group;
	bool clear;
	u64 bytes;             /* of one copy; of a mix, the mean, once measured */
	u32 dst_off, src_off;  /* past a page boundary; 0 for a mix, whose places are random */
	const struct mix *mix; /* NULL: one size again and again */
	bool sorted;
};

/* (dst - src) mod 4096. */
static inline u32 cell_offset(const struct cell *cell)
{
	return (cell->dst_off - cell->src_off) & PAGE_MASK;
}

static inline bool cell_same(const struct cell *a, const struct cell *b)
{
	return a->number == b->number && a->clear == b->clear;
}

struct result {
	struct cell cell;
	const char *variant;
	u64 ops;                /* calls in a sample */
	u64 total_bytes;        /* moved in a sample */
	struct quartiles ticks; /* of the TSC, for a sample */
};

static inline double ticks_per_call(const struct result *r)
{
	return (double)r->ticks.median / (double)r->ops;
}

struct cells {
	struct cell *list;
	size_t n, room;
};

/* Sizes to use in place of the usual ones; n = 0: the usual ones. */
#define MAX_SIZES 64
struct sizes {
	u64 bytes[MAX_SIZES];
	size_t n;
};

/* The largest size there is. */
#define MAX_BYTES MIB(64)

/* Everything there is to measure, by group; `quick`: a sixth of it. */
struct cells cells_of(bool clear, bool quick, const struct sizes *sizes);
const char *group_title(enum group group, bool clear);
/* "64 B", "1.5 KiB", "64 B d=16", … */
void cell_label(const struct cell *cell, char *out, size_t size);
