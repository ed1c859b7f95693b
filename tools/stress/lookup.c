/* SPDX-License-Identifier: MIT */
/* The contestants and the clock. */
#include "lookup.h"

#include "clock.h"

#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>
#include <quench/compiler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's searches once more, with their looks at the table counted. */
static unsigned looks;

static u64 counted_insn_of(const struct extable_entry *entry)
{
	looks++;
	return extable_insn_of(entry);
}
#define extable_search       search_counted
#define extable_index_search index_search_counted
#define extable_index_build  index_build_counted
#define extable_insn_of      counted_insn_of
static const struct extable_entry *search_counted(const struct extable_entry *table, size_t n,
						  u64 address);
static const struct extable_entry *index_search_counted(const struct extable_index *index,
							u64 address);
static __used void index_build_counted(struct extable_index *index,
				       const struct extable_entry *table, size_t n, u64 start,
				       u64 stop, u32 *words);
#include "../../kernel/extable/index.c"
#include "../../kernel/extable/search.c"
#undef extable_search
#undef extable_index_search
#undef extable_index_build
#undef extable_insn_of

#define QUERIES      4096
#define ROUNDS       15
#define LINEAR_LOOKS 4000000 /* that a linear round may take */

/* One table in all its forms. */
struct arena {
	const struct extable_entry *table;
	size_t n;
	struct extable_index index;
	u32 *words;
	/* Keys in the order of a breadth-first walk of the search tree, from 1 on (Khuong, Morin,
	 * "Array Layouts for Comparison-Based Searching", 2017), and where they are in the table.
	 */
	u32 *keys, *places;
	u64 base;
	u64 queries[QUERIES];
};

typedef const struct extable_entry *(*lookup_fn)(const struct arena *arena, u64 address);

static const struct extable_entry *linear(const struct arena *arena, u64 address)
{
	for (size_t i = 0; i < arena->n; i++)
		if (extable_insn_of(&arena->table[i]) == address)
			return &arena->table[i];
	return NULL;
}

static int compare(const void *key, const void *item)
{
	u64 address = *(const u64 *)key, insn = extable_insn_of(item);

	return address < insn ? -1 : address > insn;
}

static const struct extable_entry *libc_bsearch(const struct arena *arena, u64 address)
{
	return bsearch(&address, arena->table, arena->n, sizeof(*arena->table), compare);
}

static const struct extable_entry *branchless(const struct arena *arena, u64 address)
{
	return extable_search(arena->table, arena->n, address);
}

static const struct extable_entry *eytzinger(const struct arena *arena, u64 address)
{
	u32 key = (u32)(address - arena->base);
	size_t at = 1;

	if (address - arena->base > UINT32_MAX)
		return NULL;
	while (at <= arena->n) {
		__builtin_prefetch(arena->keys + at * 16);
		at = 2 * at + (arena->keys[at] < key);
	}
	at >>= __builtin_ffsll(~(long long)at);
	return at && arena->keys[at] == key ? &arena->table[arena->places[at]] : NULL;
}

static const struct extable_entry *indexed(const struct arena *arena, u64 address)
{
	return extable_index_search(&arena->index, address);
}

static const struct {
	const char *name;
	lookup_fn find;
} ways[NR_LOOKUPS] = {
	[LOOKUP_LINEAR] = { "linear", linear },
	[LOOKUP_BSEARCH] = { "bsearch", libc_bsearch },
	[LOOKUP_BRANCHLESS] = { "branchless", branchless },
	[LOOKUP_EYTZINGER] = { "eytzinger", eytzinger },
	[LOOKUP_INDEX] = { "index", indexed },
};

const char *lookup_name(enum lookup way)
{
	return ways[way].name;
}

/* Entry `next` of the table is the smallest of the subtree at `at`; returns the first behind it.
 * The depth is that of a balanced tree. */
static size_t lay_out(struct arena *arena, size_t next, size_t at)
{
	if (at > arena->n)
		return next;
	next = lay_out(arena, next, 2 * at);
	arena->keys[at] = (u32)(extable_insn_of(&arena->table[next]) - arena->base);
	arena->places[at] = (u32)next;
	return lay_out(arena, next + 1, 2 * at + 1);
}

static u64 next_random(void)
{
	static u64 state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static bool set_up(struct arena *arena, u64 start, u64 stop)
{
	size_t room = extable_index_room(arena->n, stop - start);

	arena->base = start;
	arena->words = malloc(room * sizeof(*arena->words));
	arena->keys = malloc((arena->n + 1) * sizeof(*arena->keys));
	arena->places = malloc((arena->n + 1) * sizeof(*arena->places));
	if (!arena->words || !arena->keys || !arena->places)
		return false;
	extable_index_build(&arena->index, arena->table, arena->n, start, stop, arena->words);
	lay_out(arena, 0, 1);
	for (size_t i = 0; i < QUERIES; i++)
		arena->queries[i] = extable_insn_of(&arena->table[next_random() % arena->n]);
	return true;
}

/* Every way finds every entry, and what binary search finds at the address behind. */
static bool agree(const struct arena *arena, struct lookup_result *result)
{
	for (size_t i = 0; i < arena->n; i++) {
		u64 address = extable_insn_of(&arena->table[i]);

		for (unsigned way = LOOKUP_BSEARCH; way < NR_LOOKUPS; way++)
			if (ways[way].find(arena, address) != &arena->table[i] ||
			    ways[way].find(arena, address + 1) != branchless(arena, address + 1))
				return false;
		looks = 0;
		if (search_counted(arena->table, arena->n, address) != &arena->table[i])
			return false;
		result->looks = looks > result->looks ? looks : result->looks;
		looks = 0;
		index_search_counted(&arena->index, address);
		result->index_looks = looks > result->index_looks ? looks : result->index_looks;
		result->index_sum += looks;
	}
	return true;
}

static double time_round(const struct arena *arena, enum lookup way)
{
	size_t count = QUERIES;
	u64 begun, sum = 0;

	if (way == LOOKUP_LINEAR && arena->n > LINEAR_LOOKS / QUERIES)
		count = LINEAR_LOOKS / arena->n;
	begun = clock_ns();
	for (size_t i = 0; i < count; i++)
		sum += (uintptr_t)ways[way].find(arena, arena->queries[i]);
	begun = clock_ns() - begun;
	__asm__ volatile("" ::"r"(sum)); /* what was found is wanted */
	return (double)begun / (double)count;
}

static void race(const struct arena *arena, struct lookup_result *result)
{
	static double rounds[NR_LOOKUPS][ROUNDS];

	for (size_t round = 0; round < ROUNDS; round++)
		for (unsigned way = 0; way < NR_LOOKUPS; way++)
			rounds[way][round] = time_round(arena, way);
	for (unsigned way = 0; way < NR_LOOKUPS; way++)
		result->ns[way] = clock_median(rounds[way], ROUNDS);
}

bool lookup_measure(const struct extable_entry *table, size_t n, u64 start, u64 stop,
		    struct lookup_result *result)
{
	static struct arena arena;
	bool good;

	arena = (struct arena){ .table = table, .n = n };
	*result = (struct lookup_result){ .looks = 0 };
	good = n && set_up(&arena, start, stop) && agree(&arena, result);
	if (good)
		race(&arena, result);
	else
		fprintf(stderr,
			"stress: the ways to look up an entry do not agree, or out of memory\n");
	free(arena.words);
	free(arena.keys);
	free(arena.places);
	return good;
}
