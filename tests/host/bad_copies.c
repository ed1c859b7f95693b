/* SPDX-License-Identifier: MIT */
/* Copies and clears that break the contract, each in one way. They know where the areas end, so
 * none of them faults; one byte at a time and volatile, so that none uses a vector register. */
#include "bad_copies.h"

#include "copy_case.h"

static size_t good_bytes(const u8 *to, const u8 *from, size_t n)
{
	const size_t readable = (size_t)(from_area.end - from);
	const size_t writable = (size_t)(to_area.end - to);

	n = n < readable ? n : readable;
	return n < writable ? n : writable;
}

/* What keeps the contract: all that can be copied, and the number of bytes left. */
static size_t keep(volatile u8 *to, const u8 *from, size_t n)
{
	const size_t good = good_bytes((const u8 *)to, from, n);

	for (size_t i = 0; i < good; i++)
		to[i] = from[i];
	return n - good;
}

static size_t zero(volatile u8 *to, size_t n)
{
	const size_t writable = (size_t)(to_area.end - (const u8 *)to);
	const size_t good = n < writable ? n : writable;

	for (size_t i = 0; i < good; i++)
		to[i] = 0;
	return n - good;
}

static size_t keep_from_user(volatile u8 *to, const u8 *from, size_t n)
{
	const size_t left = keep(to, from, n);

	for (size_t i = n - left; i < n; i++)
		to[i] = 0;
	return left;
}

/* BAD(name, kind, expression): a routine that does what keeps the contract, then the expression,
 * which may change `left` and write to `to`. */
#define BAD(name, good, wrong)                                        \
	static size_t name(volatile u8 *to, const u8 *from, size_t n) \
	{                                                             \
		size_t left = good;                                   \
                                                                      \
		wrong;                                                \
		return left;                                          \
	}
#define BAD_CLEARING(name, wrong)                     \
	static size_t name(volatile u8 *to, size_t n) \
	{                                             \
		size_t left = zero(to, n);            \
                                                      \
		wrong;                                \
		return left;                          \
	}

BAD(nothing_wrong, keep(to, from, n), (void)0)
BAD(one_left_too_many, keep(to, from, n), left++)
BAD(one_left_too_few, keep(to, from, n), left--)
BAD(left_in_32_bits, keep(to, from, n), left |= UINT64_C(1) << 32)
BAD(first_byte_wrong, keep(to, from, n), to[0] ^= 1)
BAD(last_byte_wrong, keep(to, from, n), to[n - left - 1] ^= 0x80)
BAD(last_byte_missing, keep(to, from, n), to[n - left - 1] = 0xa5)
BAD(byte_before, keep(to, from, n), to[-1] = 0)
BAD(byte_long_before, keep(to, from, n), to[-(long)RED_ZONE_BYTES] = 0)
BAD(byte_behind, keep(to, from, n), to[n] = 0)
BAD(byte_long_behind, keep(to, from, n), to[n + RED_ZONE_BYTES - 1] = 0)
BAD(byte_behind_fault, keep(to, from, n), to[n - left] = left ? 0 : 0xa5)
BAD(last_behind_fault, keep(to, from, n), to[n - !!left] = left ? 0 : 0xa5)

BAD(from_nothing_wrong, keep_from_user(to, from, n), (void)0)
BAD(from_rest_kept, keep(to, from, n), (void)0)
BAD(from_first_kept, keep_from_user(to, from, n), to[n - left] = 0xa5)
BAD(from_last_kept, keep_from_user(to, from, n), to[n - 1] = 0xa5)
BAD(from_zeroed_too_early, keep_from_user(to, from, n), to[n - left - 1] = 0)
BAD(from_zeroed_behind, keep_from_user(to, from, n), to[n] = 0)
BAD(from_says_all, keep_from_user(to, from, n), left = 0)

BAD_CLEARING(clear_nothing_wrong, (void)0)
BAD_CLEARING(clear_says_more, left--)
BAD_CLEARING(clear_says_less, left++)
BAD_CLEARING(clear_leaves_last, to[n - left - 1] = 0xa5)
BAD_CLEARING(clear_writes_other, to[0] = 1)
BAD_CLEARING(clear_before, to[-1] = 0)
BAD_CLEARING(clear_behind, to[n - left] = 0)

/* Given an address where nothing is, as source or destination. */
static size_t leaves_all(volatile u8 *to, const u8 *from, size_t n)
{
	return n;
}

static size_t leaves_none(volatile u8 *to, const u8 *from, size_t n)
{
	return 0;
}

static size_t writes_first(volatile u8 *to, const u8 *from, size_t n)
{
	to[0] = 0;
	return n;
}

static size_t clears_none(volatile u8 *to, size_t n)
{
	return n;
}

static size_t clears_all(volatile u8 *to, size_t n)
{
	return 0;
}

#define ROW(kind, fn, complaint)                          \
	{                                                 \
#fn, kind, (const void *)fn, complaint, 0 \
	}
const struct bad_copy bad_copies[] = {
	ROW(BAD_COPY, nothing_wrong, NULL),
	ROW(BAD_COPY, one_left_too_many, "bytes left"),
	ROW(BAD_COPY, one_left_too_few, "bytes left"),
	ROW(BAD_COPY, left_in_32_bits, "bytes left"),
	ROW(BAD_COPY, first_byte_wrong, "the copy equal"),
	ROW(BAD_COPY, last_byte_wrong, "the copy equal"),
	ROW(BAD_COPY, last_byte_missing, "the copy equal"),
	ROW(BAD_COPY, byte_before, "memory before untouched"),
	ROW(BAD_COPY, byte_long_before, "memory before untouched"),
	ROW(BAD_COPY, byte_behind, "memory behind untouched"),
	ROW(BAD_COPY, byte_long_behind, "memory behind untouched"),
	ROW(BAD_COPY, byte_behind_fault, "memory behind untouched"),
	ROW(BAD_COPY, last_behind_fault, "memory behind untouched"),
	ROW(BAD_FROM_USER, from_nothing_wrong, NULL),
	ROW(BAD_FROM_USER, from_rest_kept, "the rest zero"),
	ROW(BAD_FROM_USER, from_first_kept, "the rest zero"),
	ROW(BAD_FROM_USER, from_last_kept, "the rest zero"),
	ROW(BAD_FROM_USER, from_zeroed_too_early, "the copy equal"),
	ROW(BAD_FROM_USER, from_zeroed_behind, "memory behind untouched"),
	ROW(BAD_FROM_USER, from_says_all, "bytes left"),
	ROW(BAD_CLEAR, clear_nothing_wrong, NULL),
	ROW(BAD_CLEAR, clear_says_more, "bytes left"),
	ROW(BAD_CLEAR, clear_says_less, "bytes left"),
	ROW(BAD_CLEAR, clear_leaves_last, "the copy equal"),
	ROW(BAD_CLEAR, clear_writes_other, "the copy equal"),
	ROW(BAD_CLEAR, clear_before, "memory before untouched"),
	ROW(BAD_CLEAR, clear_behind, "memory behind untouched"),
	ROW(BAD_ADDRESS, leaves_all, NULL),
	ROW(BAD_ADDRESS, leaves_none, "bytes left"),
	ROW(BAD_ADDRESS, writes_first, "memory behind untouched"),
	ROW(BAD_CLEAR_ADDRESS, clears_none, NULL),
	ROW(BAD_CLEAR_ADDRESS, clears_all, "bytes left"),
	ROW(BAD_COPY, bad_ac, "AC"),
	ROW(BAD_COPY, bad_df, "DF"),
	ROW(BAD_WINDOW, bad_window_open, "AC, as SMAP is played,"),
	ROW(BAD_WINDOW, bad_window_twice, "stac with AC set"),
	ROW(BAD_WINDOW, bad_window_shut, "a fault with AC clear"),
	{ NULL, BAD_COPY, NULL, NULL, 0 },
};
