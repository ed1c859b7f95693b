/* SPDX-License-Identifier: MIT */
/* The exception table: follows moves, sorts in place, finds what is there and nothing else. */
#include <arch/extable.h>
#include <asm/errno.h>
#include <kernel/extable/fixup.h>
#include <kernel/extable/index.h>
#include <kernel/extable/resolve.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The searches once more, with their looks at the table counted. */
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
const struct extable_entry *search_counted(const struct extable_entry *table, size_t n,
					   u64 address);
const struct extable_entry *index_search_counted(const struct extable_index *index, u64 address);
void index_build_counted(struct extable_index *index, const struct extable_entry *table, size_t n,
			 u64 start, u64 stop, u32 *words);
#include "../../kernel/extable/index.c"
#include "../../kernel/extable/search.c"
#undef extable_search
#undef extable_index_search
#undef extable_index_build
#undef extable_insn_of

#define MAX 3000
static struct extable_entry table[MAX];
/* Where the made-up code lies: near the table, as it must. */
static u64 text;

static void put(size_t i, u64 insn, u64 fixup, s32 type)
{
	table[i].insn = (s32)(insn - (uintptr_t)&table[i].insn);
	table[i].fixup = (s32)(fixup - (uintptr_t)&table[i].fixup);
	table[i].type = type;
}

static int setup(void **state)
{
	text = (uintptr_t)table + 0x100000;
	memset(table, 0x5a, sizeof(table));
	return 0;
}

static struct extable_counts counts;
static struct extable_problem problem;

static int resolve(size_t n, const struct text_move *moves, size_t nr_moves)
{
	problem = (struct extable_problem){ 0, "" };
	return extable_resolve(table, n, moves, nr_moves, &counts, &problem);
}

static void expect_entry(size_t i, u64 insn, u64 fixup, s32 type)
{
	assert_int_equal(extable_insn_of(&table[i]), insn);
	assert_int_equal(extable_fixup_of(&table[i]), fixup);
	assert_int_equal(table[i].type, type);
}

/* A shuffle of n entries with known fixups and types comes out sorted, each with its own. */
static void test_sorts(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 7, 8, 100, 999, 1000 };

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		size_t n = sizes[s];

		for (size_t i = 0; i < n; i++) {
			size_t k = n == 999 ? n - 1 - i : i * 7919 % n; /* a prime */

			put(i, text + 16 * k, text + 0x10000 + k, (s32)(k % 3));
		}
		assert_int_equal(resolve(n, NULL, 0), 0);
		assert_int_equal(counts.entries, n);
		assert_int_equal(counts.moved + counts.dropped, 0);
		for (size_t k = 0; k < n; k++)
			expect_entry(k, text + 16 * k, text + 0x10000 + k, (s32)(k % 3));
		assert_true(extable_table_is_sound(table, n, text, text + 0x20000));
	}
}

/* Entries in a version that won go with it, those in a version that lost or in default code that
 * was overwritten go away, all others stay. */
static void test_follows(void **state)
{
	const struct text_move moves[] = {
		{ text + 100, 0, text + 100, 20, 1 },             /* the site */
		{ text + 0x8000, text + 100, text + 100, 15, 1 }, /* what won */
		{ text + 0x800f, 0, 0, 18, 1 },                   /* what lost */
	};

	put(0, text + 0x800f, text + 200, 0);    /* dropped: first byte of the loser */
	put(1, text + 0x8002, text + 0x800a, 1); /* moved, fixup too */
	put(2, text + 119, text + 200, 0);       /* dropped: last byte of the site */
	put(3, text + 120, text + 100, 2);       /* stays; the site is still a place to go */
	put(4, text + 99, text + 300, 0);        /* stays */
	put(5, text + 0x8000, text + 0x800f, 0); /* moved; the fixup is the version's end */
	put(6, text + 0x8020, text + 300, 0);    /* dropped: last byte of the loser */
	put(7, text + 0x8021, text + 300, 0);    /* stays, right behind it */
	assert_int_equal(resolve(8, moves, ARRAY_SIZE(moves)), 0);
	assert_int_equal(counts.entries, 5);
	assert_int_equal(counts.moved, 2);
	assert_int_equal(counts.dropped, 3);
	expect_entry(0, text + 99, text + 300, 0);
	expect_entry(1, text + 100, text + 115, 0);
	expect_entry(2, text + 102, text + 110, 1);
	expect_entry(3, text + 120, text + 100, 2);
	expect_entry(4, text + 0x8021, text + 300, 0);
	for (size_t i = 5; i < 8; i++)
		assert_memory_equal(&table[i], "\0\0\0\0\0\0\0\0\0\0\0", 12);
	assert_int_equal((u8)table[8].type, 0x5a);
}

/* A label between two versions belongs to the one it is used in. */
static void test_boundary(void **state)
{
	const struct text_move moves[] = {
		{ text + 100, 0, text + 100, 20, 1 },
		{ text + 200, 0, text + 200, 20, 2 },
		{ text + 0x8000, text + 100, text + 100, 4, 1 }, /* a version in two pieces, as */
		{ text + 0x8004, 0, text + 104, 4, 1 },          /* within it another was put */
		{ text + 0x8008, text + 108, text + 108, 8, 1 },
		{ text + 0x8010, text + 200, text + 200, 8, 2 }, /* another site's */
	};

	put(0, text + 0x8000, text + 0x8010, 0); /* the end of unit 1's version */
	put(1, text + 0x8008, text + 0x8010, 0); /* likewise */
	put(2, text + 0x8010, text + 0x8010, 0); /* the start of unit 2's */
	put(3, text + 0x8001, text + 0x8004, 0); /* where the inner one was put */
	put(4, text + 0x8012, text + 0x8018, 0); /* the end of all */
	put(5, text + 0x8009, text + 0x8018, 0); /* is not for the code of another site */
	assert_int_equal(resolve(6, moves, ARRAY_SIZE(moves)), 0);
	expect_entry(0, text + 100, text + 116, 0);
	expect_entry(1, text + 101, text + 104, 0);
	expect_entry(2, text + 108, text + 116, 0);
	expect_entry(3, text + 109, text + 0x8018, 0);
	expect_entry(4, text + 200, text + 200, 0);
	expect_entry(5, text + 202, text + 208, 0);
}

/* After an entry on which no stretch bears, one on whose instruction or fixup the nearest does. */
static void test_after_quiet(void **state)
{
	const struct text_move move = { text + 0x8000, text + 100, text + 100, 15, 1 };

	put(0, text + 500, text + 0x8010, 0); /* behind the stretch, and what ends with it */
	put(1, text + 0x8002, text + 0x800f, 0);
	put(2, text + 501, text + 0x7fff, 0); /* before it, and where it begins */
	put(3, text + 0x8001, text + 0x8000, 0);
	put(4, text + 502, text + 503, 0); /* nothing, and the fixup alone */
	put(5, text + 504, text + 0x8004, 0);
	assert_int_equal(resolve(6, &move, 1), 0);
	expect_entry(0, text + 101, text + 100, 0);
	expect_entry(1, text + 102, text + 115, 0);
	expect_entry(2, text + 500, text + 0x8010, 0);
	expect_entry(3, text + 501, text + 0x7fff, 0);
	expect_entry(4, text + 502, text + 503, 0);
	expect_entry(5, text + 504, text + 104, 0);
}

/* The same within one unit: the instruction's own stretch first, then the one that lives. */
static void test_boundary_of_unit(void **state)
{
	const struct text_move moves[] = {
		{ text + 0x8000, text + 100, text + 100, 8, 1 }, /* two nested versions, */
		{ text + 0x8008, text + 150, text + 150, 8, 1 }, /* both there, and one */
		{ text + 0x8010, 0, 0, 8, 1 },                   /* that lost */
	};

	put(0, text + 0x8001, text + 0x8008, 0);
	put(1, text + 0x8009, text + 0x8008, 0);
	put(2, text + 0x8002, text + 0x8010, 0);
	assert_int_equal(resolve(3, moves, ARRAY_SIZE(moves)), 0);
	expect_entry(0, text + 101, text + 108, 0);
	expect_entry(1, text + 102, text + 158, 0);
	expect_entry(2, text + 151, text + 150, 0);
}

static void test_refuses(void **state)
{
	const struct text_move gone = { text + 100, 0, text + 100, 20, 1 };

	put(0, text + 50, text + 101, 0);
	assert_int_equal(resolve(1, &gone, 1), -EINVAL);
	assert_string_equal(problem.why, "its fixup is code that is no longer there");
	assert_int_equal(problem.insn, text + 50);
	put(0, text + 50, text + 60, NR_EXTABLE_TYPES);
	assert_int_equal(resolve(1, NULL, 0), -EINVAL);
	assert_string_equal(problem.why, "the entry is of an unknown type");
	put(0, text + 50, text + 60, -1);
	assert_int_equal(resolve(1, NULL, 0), -EINVAL);
	put(0, text + 50, text + 60, 0);
	put(1, text + 51, text + 60, 0);
	put(2, text + 50, text + 70, 0);
	assert_int_equal(resolve(3, NULL, 0), -EINVAL);
	assert_string_equal(problem.why, "two entries are for the same instruction");
	assert_int_equal(problem.insn, text + 50);
}

static void test_out_of_reach(void **state)
{
	const struct text_move far = { text, text + (UINT64_C(3) << 30), 1, 16, 1 };

	put(0, text, text + 100, 0);
	assert_int_equal(resolve(1, &far, 1), -ERANGE);
	put(0, text + 50, text + 8, 0);
	assert_int_equal(resolve(1, &far, 1), -ERANGE);
	assert_string_equal(problem.why, "it is too far from the table");
	assert_int_equal(problem.insn, text + 50);
}

/* Code may stand on both sides of its table. */
static void test_both_sides(void **state)
{
	const u64 before = (uintptr_t)table - 0x1000;

	put(0, text, text + 8, 0);
	put(1, before, text + 8, 1);
	put(2, text + 4, before, 2);
	assert_int_equal(resolve(3, NULL, 0), 0);
	expect_entry(0, before, text + 8, 1);
	expect_entry(1, text, text + 8, 0);
	expect_entry(2, text + 4, before, 2);
}

static void test_sound(void **state)
{
	put(0, text, text + 8, 0);
	put(1, text + 4, text + 8, 2);
	assert_true(extable_table_is_sound(table, 2, text, text + 9));
	assert_false(extable_table_is_sound(table, 2, text, text + 8)); /* fixup outside */
	put(0, text, text - 1, 0);
	assert_false(extable_table_is_sound(table, 2, text, text + 9)); /* before text */
	put(0, text, text + 3, 0);
	put(1, text + 4, text + 3, 2);
	assert_true(extable_table_is_sound(table, 2, text, text + 5));
	assert_false(extable_table_is_sound(table, 2, text, text + 4)); /* instruction behind it */
	put(0, text, text + 8, 0);
	put(1, text + 4, text + 8, 2);
	assert_false(
		extable_table_is_sound(table, 2, text + 1, text + 9)); /* instruction outside */
	put(1, text, text + 8, 0);
	assert_false(extable_table_is_sound(table, 2, text, text + 9)); /* twice */
	put(0, text + 1, text + 8, 0);
	assert_false(extable_table_is_sound(table, 2, text, text + 9)); /* out of order */
	put(1, text + 4, text + 8, NR_EXTABLE_TYPES);
	assert_false(extable_table_is_sound(table, 2, text, text + 9)); /* type */
}

static unsigned ceil_log2(size_t n)
{
	unsigned bits = 0;

	while (((size_t)1 << bits) < n)
		bits++;
	return bits;
}

/* Every instruction is found, no address between them is, in few looks. */
static void test_search(void **state)
{
	for (size_t n = 0; n <= MAX; n = n < 70 ? n + 1 : n + 93) {
		unsigned most = n ? ceil_log2(n) + 1 : 0;

		for (size_t i = 0; i < n; i++)
			put(i, text + 4 * i, text, 0);
		for (size_t i = 0; i < n; i++) {
			looks = 0;
			assert_ptr_equal(search_counted(table, n, text + 4 * i), &table[i]);
			assert_true(looks <= most);
			assert_ptr_equal(extable_search(table, n, text + 4 * i), &table[i]);
			looks = 0;
			assert_null(search_counted(table, n, text + 4 * i + 1));
			assert_true(looks <= most);
		}
		assert_null(extable_search(table, n, text - 1));
		assert_null(extable_search(table, n, text + 4 * n));
		assert_null(extable_search(table, n, 0));
		assert_null(extable_search(table, n, UINT64_MAX));
	}
}

/* Shapes of a table: how far from one instruction to the next. */
static u64 evenly(size_t i)
{
	return 4 * i;
}
static u64 in_one_heap(size_t i)
{
	return i == MAX - 1 ? 0x80000 : i;
}
static u64 in_heaps(size_t i)
{
	return i / 50 * 0x2000 + i % 50;
}

/* The index finds what the table has and nothing else, wherever entries crowd, in room of its own.
 */
static void test_index(void **state)
{
	static u64 (*const shapes[])(size_t) = { evenly, in_one_heap, in_heaps };
	static u32 words[3 * MAX + 2 * 0x80001 / EXTABLE_PLOT_BYTES + 4];
	const u64 stop = text + 0x80001;
	struct extable_index index;

	for (size_t s = 0; s < 3 * (MAX + 1); s += s < 30 ? 1 : 97) {
		u64 (*shape)(size_t) = shapes[s % 3];
		size_t n = s / 3, room = extable_index_room(n, stop - text), sum = 0;

		for (size_t i = 0; i < n; i++)
			put(i, text + shape(i), text, 0);
		words[room] = 77;
		extable_index_build(&index, table, n, text, stop, words);
		assert_int_equal(words[room], 77);
		for (size_t i = 0; i < n; i++) {
			u64 address = text + shape(i);

			looks = 0;
			assert_ptr_equal(index_search_counted(&index, address), &table[i]);
			assert_true(looks <= 6); /* 32 in a row fill a slot of 32 bytes */
			sum += looks;
			assert_ptr_equal(extable_index_search(&index, address), &table[i]);
			assert_ptr_equal(extable_index_search(&index, address + 1),
					 extable_search(table, n, address + 1));
		}
		assert_true(shape != evenly ||
			    sum <= n + 170); /* all plots but the last are full */
		assert_null(extable_index_search(&index, text - 1));
		assert_null(extable_index_search(&index, stop));
		assert_null(extable_index_search(&index, 0));
		assert_null(extable_index_search(&index, UINT64_MAX));
	}
	put(0, stop - 1, text, 0); /* in a plot of one byte */
	extable_index_build(&index, table, 1, text, stop, words);
	assert_ptr_equal(extable_index_search(&index, stop - 1), &table[0]);
}

/* A table that points out of text cannot make the index write out of its room. */
static void test_index_of_nonsense(void **state)
{
	u32 words[13] = { [12] = 77 };
	struct extable_index index = { 0 };

	assert_null(extable_index_search(&index, 0));
	assert_null(extable_index_search(&index, text));
	put(0, text - 5, text, 0);
	put(1, text + 900, text, 0);
	put(2, text + 90, text, 0);
	assert_int_equal(extable_index_room(3, 100), 12);
	extable_index_build(&index, table, 3, text, text + 100, words);
	assert_int_equal(words[12], 77);
	for (u64 address = text - 10; address < text + 1000; address++)
		extable_index_search(&index, address);
}

/* The same where bisection takes an instruction far away for one of the plot. */
static void test_index_of_disorder(void **state)
{
	static u32 words[256];
	const size_t room = extable_index_room(5, 100);
	struct extable_index index;

	for (size_t i = 0; i < 5; i++)
		put(i, text + (i == 1 ? 0x8000 : i), text, 0);
	words[room] = 77;
	extable_index_build(&index, table, 5, text, text + 100, words);
	assert_int_equal(words[room], 77);
	assert_ptr_equal(extable_index_search(&index, text), &table[0]);
}

static bool redirect(struct trap_frame *frame)
{
	return extable_redirect(extable_search(table, 4, frame->rip), frame, 0x1234);
}

static void test_redirect(void **state)
{
	struct trap_frame frame = { .rip = text, .rax = 77, .cs = 8 }, kept;

	put(0, text, text + 100, EXTABLE_RESUME);
	put(1, text + 4, text + 200, EXTABLE_FAULT_ERROR);
	put(2, text + 8, text + 300, EXTABLE_PROBE);
	put(3, text + 12, text + 400, EXTABLE_FAULT_ADDRESS);
	assert_true(redirect(&frame));
	assert_int_equal(frame.rip, text + 100);
	assert_int_equal(frame.rax, 77);
	frame.rip = text + 4;
	assert_true(redirect(&frame));
	assert_int_equal(frame.rip, text + 200);
	assert_int_equal((s64)frame.rax, -EFAULT);
	frame.rip = text + 8;
	frame.rax = 78;
	assert_true(redirect(&frame));
	assert_int_equal(frame.rip, text + 300);
	assert_int_equal(frame.rax, 78);
	frame.rip = text + 12;
	assert_true(redirect(&frame));
	assert_int_equal(frame.rip, text + 400);
	assert_int_equal(frame.rax, 0x1234);
	frame.rip = text + 1;
	kept = frame;
	assert_false(redirect(&frame));
	frame.rip = kept.rip = text;
	frame.cs = kept.cs = 0x23; /* user mode may jump to such an address, too */
	assert_false(redirect(&frame));
	assert_memory_equal(&frame, &kept, sizeof(frame));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sorts, setup),
		cmocka_unit_test_setup(test_follows, setup),
		cmocka_unit_test_setup(test_boundary, setup),
		cmocka_unit_test_setup(test_boundary_of_unit, setup),
		cmocka_unit_test_setup(test_after_quiet, setup),
		cmocka_unit_test_setup(test_refuses, setup),
		cmocka_unit_test_setup(test_out_of_reach, setup),
		cmocka_unit_test_setup(test_both_sides, setup),
		cmocka_unit_test_setup(test_sound, setup),
		cmocka_unit_test_setup(test_search, setup),
		cmocka_unit_test_setup(test_index, setup),
		cmocka_unit_test_setup(test_index_of_nonsense, setup),
		cmocka_unit_test_setup(test_index_of_disorder, setup),
		cmocka_unit_test_setup(test_redirect, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
