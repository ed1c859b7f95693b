/* SPDX-License-Identifier: MIT */
/*
 * The entry points to user memory: ranges refused without a touch, the variant that policy chose,
 * single values, strings, structures. Everything runs with SMAP played, too.
 */
#include "const_sizes.h"
#include "copy_case.h"

#include <arch/extable.h>
#include <x86/user_copy.h>

#include <asm/errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define KERNEL_POINTER UINT64_C(0xffffffff80000000)

/* What the third argument's register holds where there are two. */
#define RUBBISH UINT64_C(0x6b6b6b6b6b6b6b6b)

/* The last page a program can have; filled by each test that uses it. */
static u8 *top_page;

static void map_top_page(void)
{
	u8 *page = (u8 *)(ARCH_USER_LIMIT - PAGE_BYTES);

	if (top_page)
		return;
	if (mmap(page, PAGE_BYTES, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != page) {
		print_message("the last user page is taken, as without address randomisation\n");
		skip();
	}
	top_page = page;
}

static u64 nr_faults(void)
{
	return fault_counts.page_faults + fault_counts.general_protections;
}

/* SMAP and the copy variant; NULL: neither, the code as it was assembled. */
static void play_with(const struct copy_variant *v, const struct copy_thresholds *thresholds)
{
	struct feature_set set = { 0 };

	if (v) {
		feature_add(&set, FEATURE_SMAP);
		if (v->feature >= 0)
			feature_add(&set, (unsigned)v->feature);
	}
	play_features(&set, thresholds);
}

static void play(const struct copy_variant *v)
{
	play_with(v, &short_thresholds);
}

/* ---- copies by the chosen variant ---- */

static clear_user_fn clear_chosen_with(int feature)
{
	switch (feature) {
	case FEATURE_COPY_ALIGNED:
	case FEATURE_COPY_MOVSQ:
		return clear_user_stosq;
	case FEATURE_COPY_UNALIGNED:
		return clear_user_unaligned;
	case FEATURE_COPY_ERMS:
	case FEATURE_COPY_OVERLAP:
	case FEATURE_COPY_SSE:
		return clear_user_erms;
	case FEATURE_COPY_FSRM:
	case FEATURE_COPY_GUARDED:
	case FEATURE_COPY_STREAMING:
		return clear_user_stosb;
	default:
		return clear_user_reference;
	}
}

static void policy_chooses(void **state)
{
	const struct copy_variant *v = *state;

	/* These two do more, or all, of it in place: what they do is looked at below. */
	if (v->feature == FEATURE_COPY_MASKED || v->feature == FEATURE_COPY_FSRM)
		return;
	play(v);
	assert_ptr_equal(played_target((const void *)copy_to_user), v->copy);
	assert_ptr_equal(played_target((const void *)copy_from_user), v->copy);
	assert_ptr_equal(played_target((const void *)clear_user), clear_chosen_with(v->feature));
}

static void check_entry_points(size_t n, size_t good)
{
	u8 *to = to_area.start + PAGE_BYTES + good % 16;
	u8 *from = from_area.start + PAGE_BYTES + n % 16;

	check_from_user("copy_from_user", copy_from_user, to, from_area.end - good, n);
	check_from_user("copy_from_user", copy_from_user, to_area.start, from_area.end - good, n);
	check_copy("copy_to_user", copy_to_user, to_area.end - good, from, n);
	check_clear("clear_user", clear_user, to_area.end - good, n);
}

static void copies_and_zeroes_the_rest(void **state)
{
	play(*state);
	for (size_t n = 0; n <= 300; n += n < 70 ? 1 : 23)
		for (size_t good = 0; good <= n; good += n < 70 ? 1 : 7)
			check_entry_points(n, good);
	/* Around the places where masked copies take one more vector. */
	for (size_t n = 126; n <= 259; n += n == 131 ? 123 : 1)
		for (size_t good = 0; good <= n; good += good % 64 < 2 || good % 64 > 62 ? 1 : 9)
			check_entry_points(n, good);
	for (size_t n = 600; n <= 3 * PAGE_BYTES; n += 777)
		for (size_t good = 0; good <= n; good += 333)
			check_entry_points(n, good);
}

/* n bytes of which `first` lie in the first of two pages of the destination. */
static void check_two_pages(size_t n, size_t first)
{
	u8 *to = to_area.start + PAGE_BYTES - first;
	const u8 *from = from_area.start + 5 + first % 61;

	check_copy("copy_to_user", copy_to_user, to, from, n);
	check_from_user("copy_from_user", copy_from_user, to, from, n);
	/* The second page is absent; the source is, from a byte in it on. */
	check_copy("copy_to_user", copy_to_user, to_area.end - first, from, n);
	check_from_user("copy_from_user", copy_from_user, to, from_area.end - first, n);
	check_from_user("copy_from_user", copy_from_user, to, from_area.end - (n + first) / 2, n);
	check_from_user("copy_from_user", copy_from_user, to, from_area.end - n, n);
	/* Its first bytes are absent, and the first page. */
	check_from_user("copy_from_user", copy_from_user, to, from_area.end - first / 2, n);
	check_nothing_copied("copy_to_user", copy_to_user, (u8 *)(2 * PAGE_BYTES - first), from, n);
}

/* Whether the entry points copy up to a page by themselves, in loops of their own. */
static bool copies_in_place(const struct copy_variant *v)
{
	return v && v->feature == FEATURE_COPY_MASKED;
}

/* A destination in two pages, by every place of their border near either end of it. */
static void copies_into_two_pages(void **state)
{
	static const size_t lengths[] = { 65,  100,  127,  128,  129,  255,  256,
					  257, 300,  384,  511,  512,  513,  576,
					  600, 1000, 1500, 2048, 3000, 4095, 4096 };

	if (!copies_in_place(*state))
		return;
	play_with(*state, &no_thresholds);
	for (size_t n = 2; n <= 64; n++)
		for (size_t first = 1; first < n; first++)
			check_two_pages(n, first);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		for (size_t first = 1; first < lengths[i]; first++)
			if (first < 70 || first + 260 > lengths[i] || first % 37 == 0)
				check_two_pages(lengths[i], first);
}

/* The same loops, at any place in a line, and faults anywhere in them. */
static void copies_up_to_a_page(void **state)
{
	if (!copies_in_place(*state))
		return;
	play_with(*state, &no_thresholds);
	for (size_t n = 500; n <= PAGE_BYTES; n += n < 530 ? 1 : 111)
		for (size_t place = 0; place < 64; place += 1 + n / 200) {
			u8 *to = to_area.start + 128 + place;
			const u8 *from = from_area.start + PAGE_BYTES + 3 * place;

			check_copy("copy_to_user", copy_to_user, to, from, n);
			check_from_user("copy_from_user", copy_from_user, to, from, n);
			check_copy("copy_to_user", copy_to_user, to_area.end - n * place / 64, from,
				   n);
			check_from_user("copy_from_user", copy_from_user, to,
					from_area.end - n * place / 64, n);
		}
}

static void entries_touch_nothing_outside(void **state)
{
	u64 before;

	play(*state);
	before = nr_faults();
	for (size_t n = 0; n <= 700; n++) {
		check_from_user("copy_from_user", copy_from_user, to_area.end - n,
				from_area.end - n, n);
		check_copy("copy_to_user", copy_to_user, to_area.end - n, from_area.end - n, n);
		check_clear("clear_user", clear_user, to_area.end - n, n);
		if (nr_faults() != before)
			wrong("%zu bytes: an entry touches what is not its own", n);
	}
}

/* ---- ranges ---- */

/* Code that a processor runs ahead of the refusal finds no address to follow. */
static void expect_masked(const char *who, u64 pointer, u64 n)
{
	if (pointer != UINT64_MAX || n)
		wrong("%s: refused with a pointer of %#llx and %#llx bytes", who,
		      (unsigned long long)pointer, (unsigned long long)n);
}

/* A range that is refused, with the kernel's side in `to_area` or `from_area`. */
static void expect_refused(u64 user, u64 n)
{
	const u64 before = nr_faults();
	const u64 to = (u64)to_area.start, from = (u64)from_area.start;
	const size_t zeroed = n <= 3 * PAGE_BYTES ? n : 0;

	if (call_user("clear_user", (const void *)clear_user, user, n, RUBBISH) != n)
		wrong("clear_user(%#llx): not refused", (unsigned long long)user);
	expect_masked("clear_user", last_outcome.rdi, last_outcome.rsi);
	if (call_user("copy_to_user", (const void *)copy_to_user, user, from, n) != n)
		wrong("copy_to_user(%#llx): not refused", (unsigned long long)user);
	expect_masked("copy_to_user", last_outcome.rdi, last_outcome.rdx);
	if (zeroed || n > ARCH_USER_LIMIT) {
		memset(to_area.start, 0x5a, 3 * PAGE_BYTES + 1);
		if (call_user("copy_from_user", (const void *)copy_from_user, to, user, n) != n)
			wrong("copy_from_user(%#llx): not refused", (unsigned long long)user);
		expect_masked("copy_from_user", last_outcome.rsi, 0);
		for (size_t i = 0; i <= 3 * PAGE_BYTES; i++)
			if (to_area.start[i] != (i < zeroed ? 0 : 0x5a))
				wrong("copy_from_user refused: byte %zu of %zu is %#x", i, zeroed,
				      to_area.start[i]);
	}
	if (user_range_ok((const void *)user, n))
		wrong("user_range_ok(%#llx)", (unsigned long long)user);
	if (nr_faults() != before)
		wrong("%#llx, %#llx bytes: refused only after a fault", (unsigned long long)user,
		      (unsigned long long)n);
}

static void refuse_ranges(void)
{
	static const u64 starts[] = {
		UINT64_C(0x0000800000000000),
		UINT64_C(0x8000000000000000),
		UINT64_C(0xffff7fffffffffff),
		UINT64_C(0xffff800000000000),
		KERNEL_POINTER,
		UINT64_C(0xfffffffffffff000),
	};
	static const u64 lengths[] = { 1, 2, 8, 64, 300, 600, 4096, UINT64_C(1) << 63 };

	for (size_t s = 0; s < ARRAY_SIZE(starts); s++)
		for (size_t l = 0; l < ARRAY_SIZE(lengths); l++)
			expect_refused(starts[s], lengths[l]);
	for (size_t l = 0; l < ARRAY_SIZE(lengths); l++) {
		expect_refused(ARCH_USER_LIMIT, lengths[l]);
		expect_refused(ARCH_USER_LIMIT - lengths[l] + 1, lengths[l]);
		expect_refused(ARCH_USER_LIMIT - 1, lengths[l] + 1);
		expect_refused(-lengths[l], lengths[l]); /* ends at 2^64, which is 0 */
		expect_refused(-lengths[l], lengths[l] + 1);
	}
	expect_refused(UINT64_MAX, 2);
	expect_refused(0, UINT64_MAX);
	expect_refused(1, UINT64_MAX);
	expect_refused(0x1000, UINT64_C(1) << 63);
	expect_refused(0, ARCH_USER_LIMIT + 1);
	expect_refused(1, ARCH_USER_LIMIT);
}

/* By string instructions and by loops. */
static void refuses_ranges_without_a_fault(void **state)
{
	play(*state);
	refuse_ranges();
	play_with(*state, &no_thresholds);
	refuse_ranges();
}

/* Nothing is asked for, so nothing is left, and nothing is touched. */
static void lets_nothing_pass(void **state)
{
	static const u64 starts[] = { 0, 1, ARCH_USER_LIMIT, KERNEL_POINTER, UINT64_MAX };
	const u64 before = nr_faults();

	play(*state);
	for (size_t s = 0; s < ARRAY_SIZE(starts); s++) {
		assert_int_equal(copy_to_user((void *)starts[s], from_area.start, 0), 0);
		assert_int_equal(copy_from_user(to_area.start, (void *)starts[s], 0), 0);
		assert_int_equal(clear_user((void *)starts[s], 0), 0);
	}
	assert_int_equal(nr_faults(), before);
	assert_true(user_range_ok(NULL, 0));
	assert_true(user_range_ok((void *)ARCH_USER_LIMIT, 0));
	assert_true(user_range_ok(NULL, ARCH_USER_LIMIT));
	assert_true(user_range_ok((void *)(ARCH_USER_LIMIT - 1), 1));
	assert_false(user_range_ok((void *)KERNEL_POINTER, 0));
}

static void reaches_the_last_user_byte(void **state)
{
	u8 bytes[64];

	map_top_page();
	play(*state);
	for (size_t n = 1; n <= sizeof(bytes); n++) {
		u8 *last = top_page + PAGE_BYTES - n;

		memset(top_page, 0, PAGE_BYTES);
		assert_int_equal(copy_to_user(last, from_area.start, n), 0);
		assert_memory_equal(last, from_area.start, n);
		assert_int_equal(copy_from_user(bytes, last, n), 0);
		assert_memory_equal(bytes, from_area.start, n);
		assert_int_equal(clear_user(last, n), 0);
		assert_int_equal(*last, 0);
		expect_refused((u64)last, n + 1);
	}
	assert_int_equal(clear_user(top_page, PAGE_BYTES), 0);
}

/* ---- sizes known at compile time ---- */

static void copies_constant_sizes(void **state)
{
	play(*state);
	for (size_t i = 0; i < nr_const_sizes; i++) {
		const size_t n = const_sizes[i].n;
		const u64 before = nr_faults();

		check_from_user("copy_from_user", const_sizes[i].from, to_area.end - n,
				from_area.end - n, n);
		check_copy("copy_to_user", const_sizes[i].to, to_area.end - n, from_area.end - n,
			   n);
		if (nr_faults() != before)
			wrong("%zu bytes: touches what is not its own", n);
		for (size_t good = 0; good < n; good++) {
			check_from_user("copy_from_user", const_sizes[i].from,
					middle(to_area) + good, from_area.end - good, n);
			check_copy("copy_to_user", const_sizes[i].to, to_area.end - good,
				   from_area.start, n);
		}
	}
}

static void refuses_constant_sizes_without_a_fault(void **state)
{
	static const u64 wild[] = { ARCH_USER_LIMIT - 300, ARCH_USER_LIMIT, KERNEL_POINTER,
				    UINT64_C(0x0000800000000000), UINT64_MAX - 400 };
	u8 bytes[64];

	play(*state);
	for (size_t i = 0; i < nr_const_sizes; i++)
		for (size_t w = 0; w < ARRAY_SIZE(wild); w++)
			for (u64 at = wild[w]; at < wild[w] + 400 && at >= wild[w]; at++) {
				const size_t n = const_sizes[i].n;
				const u64 before = nr_faults();
				const bool good = user_range_ok((void *)at, n);

				if (n > sizeof(bytes) || good)
					continue;
				assert_int_equal(const_sizes[i].from(bytes, (void *)at, n), n);
				assert_int_equal(const_sizes[i].to((void *)at, bytes, n), n);
				assert_int_equal(nr_faults(), before);
			}
}

/* ---- one value ---- */

static const void *const get_user_of[] = { get_user_8, get_user_16, get_user_32, get_user_64 };
static const void *const put_user_of[] = { put_user_8, put_user_16, put_user_32, put_user_64 };

static int get(unsigned log_bytes, u64 *value, const void *from)
{
	return (int)call_user("get_user", get_user_of[log_bytes], (u64)value, (u64)from, RUBBISH);
}

static int put(unsigned log_bytes, u64 value, const void *to)
{
	return (int)call_user("put_user", put_user_of[log_bytes], value, (u64)to, RUBBISH);
}

/* `mapped` bytes at `user` can be accessed: all of the value, or the call must fail. */
static void check_value(unsigned log_bytes, u8 *user, size_t mapped)
{
	const size_t bytes = (size_t)1 << log_bytes;
	const u64 mask = bytes == 8 ? UINT64_MAX : (UINT64_C(1) << bytes * 8) - 1;
	const u64 written = UINT64_C(0x8899aabbccddeeff), old = UINT64_C(0x5a5a5a5a5a5a5a5a);
	const bool good = mapped >= bytes;
	u64 expected = good ? (written & mask) | (old & ~mask) : old;
	u64 value = old, seen = old;

	memcpy(user, &old, mapped);
	if (put(log_bytes, written, user) != (good ? 0 : -EFAULT))
		wrong("put_user of %zu bytes, %zu mapped: wrong status", bytes, mapped);
	memcpy(&seen, user, mapped);
	if (seen != expected)
		wrong("put_user of %zu bytes, %zu mapped: wrote %#llx", bytes, mapped,
		      (unsigned long long)seen);
	expected = good ? expected : old & ~mask;
	if (get(log_bytes, &value, user) != (good ? 0 : -EFAULT) || value != expected)
		wrong("get_user of %zu bytes, %zu mapped: got %#llx", bytes, mapped,
		      (unsigned long long)value);
}

static void moves_values(void **state)
{
	play(*state);
	for (unsigned log_bytes = 0; log_bytes < 4; log_bytes++) {
		for (size_t alignment = 0; alignment < 64; alignment++)
			check_value(log_bytes, to_area.start + PAGE_BYTES - 32 + alignment, 8);
		for (size_t mapped = 0; mapped <= 8; mapped++)
			check_value(log_bytes, to_area.end - mapped, mapped);
	}
}

static void refuses_values_without_a_fault(void **state)
{
	const u64 before = nr_faults();

	play(*state);
	for (unsigned log_bytes = 0; log_bytes < 4; log_bytes++) {
		const u64 bytes = UINT64_C(1) << log_bytes;
		const u64 starts[] = { ARCH_USER_LIMIT - bytes + 1,
				       ARCH_USER_LIMIT,
				       UINT64_C(1) << 63,
				       KERNEL_POINTER,
				       -bytes,
				       UINT64_MAX };

		for (size_t s = 0; s < ARRAY_SIZE(starts); s++) {
			u64 value = 0;

			memset(&value, 0x5a, bytes);
			assert_int_equal(get(log_bytes, &value, (void *)starts[s]), -EFAULT);
			assert_int_equal(value, 0);
			expect_masked("get_user", last_outcome.rsi, 0);
			assert_int_equal(put(log_bytes, 1, (void *)starts[s]), -EFAULT);
			expect_masked("put_user", last_outcome.rsi, 0);
		}
	}
	assert_int_equal(nr_faults(), before);
}

static void moves_the_last_values(void **state)
{
	map_top_page();
	play(*state);
	for (unsigned log_bytes = 0; log_bytes < 4; log_bytes++) {
		const u8 *last = top_page + PAGE_BYTES - (UINT64_C(1) << log_bytes);
		u64 value = 0;

		assert_int_equal(put(log_bytes, 77, last), 0);
		assert_int_equal(get(log_bytes, &value, last), 0);
		assert_int_equal(value, 77);
	}
}

static int exchange(size_t bytes, void *word, u64 *expected, u64 desired)
{
	const void *fn = bytes == 4 ? (const void *)cmpxchg_user_32 : (const void *)cmpxchg_user_64;

	return (int)call_user("cmpxchg_user", fn, (u64)word, (u64)expected, desired);
}

static void check_exchange(size_t bytes)
{
	const u64 high = bytes == 4 ? UINT64_C(0xabcd) << 48 : 0; /* beside the word: must stay */
	u64 *word = (u64 *)to_area.start;
	u64 expected = high | 5;

	*word = high | 5;
	assert_int_equal(exchange(bytes, word, &expected, 6), 0);
	assert_true(*word == (high | 6) && expected == (high | 5));
	assert_int_equal(exchange(bytes, word, &expected, 7), -EAGAIN);
	assert_true(*word == (high | 6) && expected == (high | 6));
	for (size_t i = 1; i < bytes; i++)
		assert_int_equal(exchange(bytes, (u8 *)word + i, &expected, 9), -EINVAL);
	assert_true(*word == (high | 6) && expected == (high | 6));
	assert_int_equal(exchange(bytes, to_area.end - bytes, &expected, 1), -EAGAIN);
	expected = 5;
	assert_int_equal(exchange(bytes, to_area.end, &expected, 1), -EFAULT);
	assert_int_equal(exchange(bytes, (void *)KERNEL_POINTER, &expected, 1), -EFAULT);
	expect_masked("cmpxchg_user", last_outcome.rdi, 0);
	assert_int_equal(exchange(bytes, (void *)ARCH_USER_LIMIT, &expected, 1), -EFAULT);
	assert_int_equal(expected, 5);
}

static void exchanges_words(void **state)
{
	u64 expected = 0;

	play(*state);
	memset(to_area.end - 8, 0x5a, 8);
	check_exchange(4);
	memset(to_area.end - 8, 0x5a, 8);
	check_exchange(8);
	assert_int_equal(mprotect(to_area.start, PAGE_BYTES, PROT_READ), 0);
	assert_int_equal(exchange(4, to_area.start, &expected, 1), -EFAULT);
	assert_int_equal(exchange(8, to_area.start, &expected, 1), -EFAULT);
	assert_int_equal(put(3, 1, to_area.start), -EFAULT);
	assert_int_equal(mprotect(to_area.start, PAGE_BYTES, PROT_READ | PROT_WRITE), 0);
}

/* A race would show a missing lock now and then; its prefix shows it always. */
static void exchanges_are_locked(void **state)
{
	size_t bytes, locked = 0;
	const struct extable_entry *entries = own_section(".extable", &bytes);
	const u64 start = (u64)cmpxchg_user_32, end = (u64)cmpxchg_user_64 + 256;

	assert_true(start < end);
	for (size_t i = 0; i < bytes / sizeof(*entries); i++) {
		const u8 *insn = (const u8 *)extable_insn_of(&entries[i]);

		locked += (u64)insn >= start && (u64)insn < end && insn[0] == 0xf0;
	}
	assert_int_equal(locked, 2);
}

/* ---- strings ---- */

/* What the string routines must answer, byte by byte, for memory that ends at `end`. */
static s64 model_strncpy(u8 *to, const u8 *from, const u8 *end, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (from + i >= end)
			return -EFAULT;
		to[i] = from[i];
		if (!to[i])
			return (s64)i;
	}
	return (s64)n;
}

static size_t model_strnlen(const u8 *from, const u8 *end, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (from + i >= end)
			return 0;
		if (!from[i])
			return i + 1;
	}
	return n + 1;
}

#define STRING_ROOM 256

static void check_string(const u8 *from, const u8 *end, size_t n)
{
	u8 expected[STRING_ROOM], got[STRING_ROOM];
	s64 length, answer;
	size_t with_nul;

	memset(expected, 0xa5, sizeof(expected));
	memset(got, 0xa5, sizeof(got));
	length = model_strncpy(expected, from, end, n);
	answer = (s64)call_user("strncpy_from_user", (const void *)strncpy_from_user, (u64)got,
				(u64)from, n);
	if (answer != length || memcmp(got, expected, sizeof(got)))
		wrong("strncpy_from_user, %zd before the end, n %zu: %lld, not %lld", end - from, n,
		      (long long)answer, (long long)length);
	with_nul = call_user("strnlen_user", (const void *)strnlen_user, (u64)from, n, RUBBISH);
	if (with_nul != model_strnlen(from, end, n))
		wrong("strnlen_user, %zd before the end, n %zu: %zu", end - from, n, with_nul);
}

/* Bytes that a search for zero in words may take for one: 0x80, 0x01 and all beside them. */
static void fill_string(u8 *start, const u8 *end)
{
	static const u8 bytes[] = {
		0x80, 0x01, 0xff, 0x01, 0x01, 0x7f, 0x81, 0x80, 0x80, 0x01, 0x02
	};

	for (size_t i = 0; start + i < end; i++)
		start[i] = bytes[i % sizeof(bytes)];
}

/* A string of every length at every distance from the end, or without a NUL before it. */
static void check_strings_before(u8 *start, const u8 *end)
{
	const size_t room = (size_t)(end - start);

	for (size_t nul = 0; nul <= room; nul++) {
		fill_string(start, end);
		if (nul < room)
			start[nul] = 0;
		for (size_t at = 0; at < room; at += at < 20 ? 1 : 5)
			for (size_t n = 0; n <= room - at + 9; n++)
				check_string(start + at, end, n);
	}
}

static void reads_strings(void **state)
{
	play(*state);
	check_strings_before(to_area.end - 41, to_area.end);
	check_string(to_area.end, to_area.end, 0);
	check_string(to_area.end, to_area.end, 1);
	check_string(to_area.end, to_area.end, 100);
}

static void reads_strings_up_to_the_limit(void **state)
{
	const u64 before = nr_faults();
	const u8 *limit = (u8 *)ARCH_USER_LIMIT;

	map_top_page();
	play(*state);
	check_strings_before(top_page + PAGE_BYTES - 19, limit);
	for (size_t n = 0; n < 20; n++) {
		check_string(limit, limit, n);
		check_string(limit + 1, limit, n);
		check_string((const u8 *)KERNEL_POINTER, limit, n);
		check_string((const u8 *)UINT64_MAX - n, limit, n);
	}
	call_user("strncpy_from_user", (const void *)strncpy_from_user, (u64)to_area.start,
		  KERNEL_POINTER, 100);
	expect_masked("strncpy_from_user", last_outcome.rsi, 0);
	call_user("strnlen_user", (const void *)strnlen_user, KERNEL_POINTER, 100, 0);
	expect_masked("strnlen_user", last_outcome.rdi, 0);
	assert_int_equal(
		strncpy_from_user((char *)to_area.start, (const char *)limit - 8, SIZE_MAX),
		-EFAULT);
	assert_int_equal(strnlen_user((const char *)limit - 8, SIZE_MAX), 0);
	assert_int_equal(nr_faults(), before);
}

/* ---- structures ---- */

static void takes_structures_of_any_age(void **state)
{
	u8 kernel[16];
	u8 *user = to_area.end - 300;

	play(*state);
	memset(user, 7, 12);
	memset(kernel, 9, sizeof(kernel));
	assert_int_equal(copy_struct_from_user(kernel, 16, user, 12), 0); /* shorter: tail zero */
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(kernel[i], i < 12 ? 7 : 0);

	memset(user, 7, 16);
	memset(user + 16, 0, 284);
	assert_int_equal(copy_struct_from_user(kernel, 16, user, 16), 0);
	assert_int_equal(copy_struct_from_user(kernel, 16, user, 300), 0); /* longer, zero tail */
	assert_int_equal(kernel[15], 7);
	assert_int_equal(copy_struct_from_user(kernel, 16, user, 301), -EFAULT);
	assert_int_equal(copy_struct_from_user(kernel, 16, to_area.end - 15, 16), -EFAULT);
	for (size_t i = 16; i < 300; i++) {
		user[i] = 1;
		assert_int_equal(copy_struct_from_user(kernel, 16, user, 300), -E2BIG);
		user[i] = 0;
	}
	assert_int_equal(copy_struct_from_user(kernel, 16, (void *)KERNEL_POINTER, 16), -EFAULT);
	assert_int_equal(copy_struct_from_user(kernel, 16, (void *)KERNEL_POINTER, 64), -EFAULT);
}

struct named_test {
	const char *name;
	void (*run)(void **state);
};
#define NAMED(test)         \
	{                   \
#test, test \
	}

static const struct named_test tests_of_copies[] = {
	NAMED(copies_and_zeroes_the_rest),     NAMED(entries_touch_nothing_outside),
	NAMED(copies_into_two_pages),          NAMED(copies_up_to_a_page),
	NAMED(copies_constant_sizes),          NAMED(refuses_constant_sizes_without_a_fault),
	NAMED(refuses_ranges_without_a_fault), NAMED(lets_nothing_pass),
	NAMED(reaches_the_last_user_byte),
};
static const struct named_test tests_of_the_rest[] = {
	NAMED(moves_values),
	NAMED(refuses_values_without_a_fault),
	NAMED(moves_the_last_values),
	NAMED(exchanges_words),
	NAMED(reads_strings),
	NAMED(reads_strings_up_to_the_limit),
	NAMED(takes_structures_of_any_age),
};

int main(void)
{
	const struct copy_variant *smap = &copy_variants[0];

	for (size_t v = 0; v < nr_copy_variants; v++)
		add_test(copy_variants[v].name, "policy_chooses", policy_chooses,
			 &copy_variants[v]);
	for (size_t t = 0; t < ARRAY_SIZE(tests_of_copies); t++) {
		const struct named_test *test = &tests_of_copies[t];

		add_test("as assembled", test->name, test->run, NULL);
		for (size_t v = 0; v < nr_copy_variants; v++)
			add_test(copy_variants[v].name, test->name, test->run, &copy_variants[v]);
	}
	for (size_t t = 0; t < ARRAY_SIZE(tests_of_the_rest); t++) {
		const struct named_test *test = &tests_of_the_rest[t];

		add_test("as assembled", test->name, test->run, NULL);
		add_test("with SMAP", test->name, test->run, smap);
	}
	add_test("as assembled", "exchanges_are_locked", exchanges_are_locked, NULL);
	return run_added_tests("user-access");
}
