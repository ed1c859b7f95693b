/* SPDX-License-Identifier: MIT */
/*
 * Sorting in place by a number, made for tables that are nearly in order: insertion as long as that
 * is cheap, else most-significant-digit radix sort (McIlroy, Bostic, McIlroy: "Engineering Radix
 * Sort", 1993). Linear in n for keys of a given width, whatever their order; no memory but a page
 * of stack, no recursion. Inline, so that each kind of item gets code of its own. PURE.
 */
#pragma once

#include <quench/string.h>
#include <quench/types.h>

#define SORT_MAX_BYTES  32
#define SORT_INSERTION  32   /* items that insertion alone sorts faster than counting 256 digits */
#define SORT_EFFORT     2048 /* steps, beside one for four items, insertion may take */
#define SORT_DIGIT_BITS 8
#define SORT_DIGITS     (1u << SORT_DIGIT_BITS)
#define SORT_INLINE     static inline __attribute__((always_inline))

/* A constant where it is used, or sorting is slow. */
struct sort_kind {
	size_t bytes; /* of an item, at most SORT_MAX_BYTES */
	u64 (*key)(const void *item);
};

struct sort_digit {
	unsigned shift;
	u64 mask;
};

SORT_INLINE void *sort_item(const struct sort_kind *kind, void *items, size_t i)
{
	return (u8 *)items + i * kind->bytes;
}

SORT_INLINE u64 sort_key(const struct sort_kind *kind, const void *items, size_t i)
{
	return kind->key((const u8 *)items + i * kind->bytes);
}

/* Whether `effort` steps sorted the n items. They are all still there when not. */
SORT_INLINE bool sort_insert(const struct sort_kind *kind, void *items, size_t n, size_t effort)
{
	u64 last = n ? sort_key(kind, items, 0) : 0;
	u8 kept[SORT_MAX_BYTES];

	for (size_t i = 1; i < n; i++) {
		u64 key = sort_key(kind, items, i);
		size_t at = i, stop;

		if (key >= last) {
			last = key;
			continue;
		}
		stop = i > effort ? i - effort : 0;
		memcpy(kept, sort_item(kind, items, i), kind->bytes);
		do {
			memcpy(sort_item(kind, items, at), sort_item(kind, items, at - 1),
			       kind->bytes);
			at--;
		} while (at > stop && sort_key(kind, items, at - 1) > key);
		memcpy(sort_item(kind, items, at), kept, kind->bytes);
		effort -= i - at;
		if (!effort)
			return false;
	}
	return true;
}

SORT_INLINE void sort_swap(const struct sort_kind *kind, void *a, void *b)
{
	u8 kept[SORT_MAX_BYTES];

	memcpy(kept, a, kind->bytes);
	memcpy(a, b, kind->bytes);
	memcpy(b, kept, kind->bytes);
}

/* Sorts the small ones of the groups that end at stop[]; whether there are larger ones. */
SORT_INLINE bool sort_groups(const struct sort_kind *kind, void *items, const size_t *stop)
{
	bool larger = false;
	size_t at = 0;

	for (size_t d = 0; d < SORT_DIGITS; at = stop[d++]) {
		if (stop[d] - at > SORT_INSERTION)
			larger = true;
		else if (stop[d] - at > 1)
			sort_insert(kind, sort_item(kind, items, at), stop[d] - at, SIZE_MAX);
	}
	return larger;
}

/* Puts n items in order of one digit, by cycles of exchanges ("American flag"), and finishes what
 * small groups that leaves. Whether there are larger ones. */
SORT_INLINE bool sort_by_digit(const struct sort_kind *kind, void *items, size_t n,
			       struct sort_digit digit)
{
	size_t next[SORT_DIGITS] = { 0 }, stop[SORT_DIGITS], sum = 0;

	for (size_t i = 0; i < n; i++)
		next[sort_key(kind, items, i) >> digit.shift & digit.mask]++;
	for (size_t d = 0; d < SORT_DIGITS; d++) {
		stop[d] = sum + next[d];
		next[d] = sum;
		sum = stop[d];
	}
	for (size_t d = 0; d < SORT_DIGITS; d++)
		while (next[d] < stop[d]) {
			void *item = sort_item(kind, items, next[d]);
			size_t to = sort_key(kind, items, next[d]) >> digit.shift & digit.mask;

			if (to == d)
				next[d]++;
			else
				sort_swap(kind, item, sort_item(kind, items, next[to]++));
		}
	return sort_groups(kind, items, stop);
}

/* Highest bit in which two keys differ, plus 1; 0 when all are the same. */
SORT_INLINE unsigned sort_width(const struct sort_kind *kind, const void *items, size_t n)
{
	u64 differ = 0;

	for (size_t i = 1; i < n; i++)
		differ |= sort_key(kind, items, i) ^ sort_key(kind, items, 0);
	return differ ? 64 - (unsigned)__builtin_clzll(differ) : 0;
}

/* How many items from `start` on have the same key above bit `width`, which is not 0. */
SORT_INLINE size_t sort_group(const struct sort_kind *kind, const void *items, size_t start,
			      size_t n, unsigned width)
{
	u64 prefix = sort_key(kind, items, start) >> (width - 1) >> 1;
	size_t end = start + 1;

	while (end < n && sort_key(kind, items, end) >> (width - 1) >> 1 == prefix)
		end++;
	return end - start;
}

/* Digit by digit from the top. What shares all digits so far is a group, at first all items; once
 * all groups are small, the sorting is done. */
SORT_INLINE void sort_radix(const struct sort_kind *kind, void *items, size_t n)
{
	unsigned width = sort_width(kind, items, n);
	bool larger = n > SORT_INSERTION;

	for (size_t count = n; larger && width; count = 0) {
		unsigned shift = width > SORT_DIGIT_BITS ? width - SORT_DIGIT_BITS : 0;
		const struct sort_digit digit = { shift, (1u << (width - shift)) - 1 };

		larger = false;
		for (size_t at = 0; at < n; at += count) {
			void *group = sort_item(kind, items, at);

			if (count < n)
				count = sort_group(kind, items, at, n, width);
			if (count > SORT_INSERTION)
				larger |= sort_by_digit(kind, group, count, digit);
		}
		width = shift;
	}
}

SORT_INLINE void sort_table(const struct sort_kind *kind, void *items, size_t n)
{
	size_t effort = n <= SORT_INSERTION ? SIZE_MAX : n / 4 + SORT_EFFORT;

	if (!sort_insert(kind, items, n, effort))
		sort_radix(kind, items, n);
}
