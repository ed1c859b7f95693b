/* SPDX-License-Identifier: MIT */
/* Faults at every byte of what the kernel calls: the entry points with each variant behind them,
 * copies of constant size, single values, strings. */
#include "const_sizes.h"
#include "copy_faults.h"

#include <asm/errno.h>
#include <string.h>

/* What the third argument's register holds where there are two. */
#define RUBBISH UINT64_C(0x6b6b6b6b6b6b6b6b)
#define CANARY  0xa5

static void play(const struct copy_variant *v)
{
	struct feature_set set = { 0 };

	if (v && v->feature >= 0)
		feature_add(&set, (unsigned)v->feature);
	play_features(&set, &short_thresholds);
}

/* ---- copy_from_user, copy_to_user, clear_user ---- */

static void from_user_faults(size_t n, unsigned one_in)
{
	for (size_t good = 0; good <= n; good++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
			if (fault_taken(n, one_in))
				check_from_user("copy_from_user", copy_from_user,
						middle(to_area) + a, from_area.end - good, n);
}

static void to_user_faults(size_t n, unsigned one_in)
{
	for (size_t good = 0; good <= n; good++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
			if (fault_taken(n, one_in))
				check_copy("copy_to_user", copy_to_user, to_area.end - good,
					   middle(from_area) + a, n);
}

static void each_length(const void *variant, void (*faults)(size_t n, unsigned one_in))
{
	play(variant);
	for (size_t n = 0; n <= FAULT_SHORT_BYTES; n++)
		faults(n, ONE_IN_SHORT);
	for (size_t i = 0; i < nr_fault_long_lengths; i++)
		faults(fault_long_lengths[i], ONE_IN_LONG);
	play(NULL);
}

static void from_user(const void *variant)
{
	each_length(variant, from_user_faults);
}

static void to_user(const void *variant)
{
	each_length(variant, to_user_faults);
}

static void clear_user_faults(size_t n, unsigned one_in)
{
	for (size_t good = 0; good <= n; good++)
		if (fault_taken(n, one_in / 16))
			check_clear("clear_user", clear_user, to_area.end - good, n);
	for (size_t a = 0; a < FAULT_ALIGNMENTS; a++)
		check_clear("clear_user", clear_user, middle(to_area) + a, n);
}

static void clear(const void *variant)
{
	each_length(variant, clear_user_faults);
}

/* ---- sizes known at compile time ---- */

static void constant_size(const struct const_size *size)
{
	const size_t n = size->n;

	for (size_t good = 0; good <= n; good++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++) {
			if (!fault_taken(n, ONE_IN_GOOD))
				continue;
			check_from_user("copy_from_user of a constant size", size->from,
					middle(to_area) + a, from_area.end - good, n);
			check_copy("copy_to_user of a constant size", size->to, to_area.end - good,
				   middle(from_area) + a, n);
		}
}

static void constant_sizes(const void *variant)
{
	play(variant);
	for (size_t i = 0; i < nr_const_sizes; i++)
		constant_size(&const_sizes[i]);
	play(NULL);
}

/* ---- one value ---- */

static const void *const get_user_of[] = { get_user_8, get_user_16, get_user_32, get_user_64 };
static const void *const put_user_of[] = { put_user_8, put_user_16, put_user_32, put_user_64 };

/* A value of 2^log_bytes at `user`, of whose bytes the first `good` can be accessed: all or
 * nothing of it. */
static void check_put(unsigned log_bytes, u8 *user, size_t good)
{
	const size_t bytes = (size_t)1 << log_bytes, stored = good < bytes ? 0 : bytes;
	const u64 value = UINT64_C(0x1122334455667788);
	u8 expected[32];
	int status;

	memset(user - 16, CANARY, 16 + good);
	memset(expected, CANARY, sizeof(expected));
	memcpy(expected + 16, &value, stored);
	status = (int)call_user("put_user", put_user_of[log_bytes], value, (u64)user, RUBBISH);
	if (status != (stored ? 0 : -EFAULT))
		wrong("put_user of %zu bytes, %zu good: %d", bytes, good, status);
	if (memcmp(user - 16, expected, 16 + good))
		wrong("put_user of %zu bytes, %zu good: wrong bytes", bytes, good);
}

static void check_get(unsigned log_bytes, const u8 *user, size_t good, size_t alignment)
{
	const size_t bytes = (size_t)1 << log_bytes;
	u8 *value = middle(to_area) + alignment, expected[40];
	int status;

	memset(value - 16, CANARY, sizeof(expected));
	memset(expected, CANARY, sizeof(expected));
	memset(expected + 16, 0, bytes);
	if (good >= bytes)
		memcpy(expected + 16, user, bytes);
	status = (int)call_user("get_user", get_user_of[log_bytes], (u64)value, (u64)user, RUBBISH);
	if (status != (good >= bytes ? 0 : -EFAULT))
		wrong("get_user of %zu bytes, %zu good: %d", bytes, good, status);
	if (memcmp(value - 16, expected, sizeof(expected)))
		wrong("get_user of %zu bytes, %zu good: wrong bytes", bytes, good);
}

static void values(const void *row)
{
	for (unsigned log_bytes = 0; log_bytes < 4; log_bytes++)
		for (size_t a = 0; a < FAULT_ALIGNMENTS; a++) {
			check_put(log_bytes, middle(to_area) + a, 16);
			for (size_t good = 0; good <= 16; good++) {
				check_put(log_bytes, to_area.end - good, good);
				check_get(log_bytes, from_area.end - good, good, a);
			}
		}
}

/* ---- strings ---- */

#define STRING_BYTES 80
#define STRING_ROOM  (STRING_BYTES + 32)

/* The string at `from`, of which `good` bytes can be read, up to n of them to `to`: what it must
 * come to, byte by byte. */
static s64 model_strncpy(u8 *to, const u8 *from, size_t good, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i == good)
			return -EFAULT;
		to[i] = from[i];
		if (!to[i])
			return (s64)i;
	}
	return (s64)n;
}

static void check_string(const u8 *from, size_t good, size_t n, size_t alignment)
{
	u8 *to = middle(to_area) + alignment, expected[16 + STRING_ROOM];
	const u8 *nul = memchr(from, 0, good < n ? good : n);
	const size_t length = nul ? (size_t)(nul - from) + 1 : good < n ? 0 : n + 1;
	s64 answer, wanted;

	memset(to - 16, CANARY, sizeof(expected));
	memset(expected, CANARY, sizeof(expected));
	wanted = model_strncpy(expected + 16, from, good, n);
	answer = (s64)call_user("strncpy_from_user", (const void *)strncpy_from_user, (u64)to,
				(u64)from, n);
	if (answer != wanted)
		wrong("strncpy_from_user, %zu good, n %zu: %lld, not %lld", good, n,
		      (long long)answer, (long long)wanted);
	if (memcmp(to - 16, expected, sizeof(expected)))
		wrong("strncpy_from_user, %zu good, n %zu: wrong bytes", good, n);
	answer = (s64)call_user("strnlen_user", (const void *)strnlen_user, (u64)from, n, RUBBISH);
	if (answer != (s64)length)
		wrong("strnlen_user, %zu good, n %zu: %lld, not %zu", good, n, (long long)answer,
		      length);
}

/* A string that ends at its byte `nul`, or nowhere when that is `good`, before the area's end. */
static void strings_with_end(size_t good, size_t nul)
{
	u8 *from = from_area.end - good, kept = 0;

	if (nul < good) {
		kept = from[nul];
		from[nul] = 0;
	}
	for (size_t n = 0; n <= good + 9; n++)
		for (size_t a = 0; a < 8; a++)
			if (fault_taken(good, ONE_IN_SHORT))
				check_string(from, good, n, a);
	if (nul < good)
		from[nul] = kept;
}

static void strings(const void *row)
{
	for (size_t good = 0; good <= STRING_BYTES; good++)
		for (size_t nul = 0; nul <= good; nul++)
			strings_with_end(good, nul);
}

const struct fault_kind faults_of_entries[] = {
	{ "copy_from_user", from_user, EACH_COPY },
	{ "copy_to_user", to_user, EACH_COPY },
	{ "clear_user", clear, EACH_COPY },
	{ "constant sizes", constant_sizes, EACH_COPY },
	{ "get_user and put_user", values, ONCE },
	{ "strncpy_from_user and strnlen_user", strings, ONCE },
	{ NULL, NULL, ONCE },
};
