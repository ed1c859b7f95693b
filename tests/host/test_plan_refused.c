/* SPDX-License-Identifier: MIT */
/* Every way a record can be wrong, alone and with others: refused, by the right record and reason.
 */
#include <arch/text.h>
#include <asm/errno.h>
#include <kernel/alternatives/plan.h>
#include <quench/compiler.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A made-up kernel: text, of it the bytes from EARLY_START to EARLY_STOP early, versions, and a
 * few records. */
#define TEXT_BYTES  512
#define EARLY_START 16
#define EARLY_STOP  64
#define MANY        100
static struct {
	u8 text[TEXT_BYTES];
	u8 versions[TEXT_BYTES];
	struct alt_entry entries[2 * MANY];
} world;
static size_t nr_entries;
static struct feature_set features;
static u64 constants[NR_ALT_CONSTANTS];

static int setup(void **state)
{
	memset(&world, 0x90, sizeof(world));
	memset(world.entries, 0, sizeof(world.entries));
	memset(&features, 0, sizeof(features));
	feature_add(&features, FEATURE_SMAP);
	constants[ALT_CONSTANT_USER_LIMIT] = 5;
	nr_entries = 0;
	return 0;
}

static void aim(s32 *field, uintptr_t target)
{
	*field = (s32)(target - (uintptr_t)field);
}

/* A site of `bytes` at text+site with one version at versions+site, for SMAP. */
static struct alt_entry *add(const u8 *site, const u8 *version, u8 bytes)
{
	struct alt_entry *entry = &world.entries[nr_entries++];

	*entry = (struct alt_entry){
		.site = (s32)(site - (u8 *)&entry->site),
		.replacement = (s32)(version - (u8 *)&entry->replacement),
		.site_bytes = bytes,
		.replacement_bytes = bytes,
		.default_bytes = bytes,
		.terms = { FEATURE_SMAP },
		.nr_terms = 1,
	};
	return entry;
}

static struct alt_entry *add_at(size_t offset, u8 bytes)
{
	return add(world.text + offset, world.versions + offset, bytes);
}

static struct alt_entry *add_constant(size_t offset, const char *code, u8 bytes)
{
	struct alt_entry *entry = add_at(offset, bytes);

	memcpy(world.text + offset, code, bytes);
	entry->kind_op = ALT_CONSTANT << 4;
	entry->replacement = ALT_CONSTANT_USER_LIMIT;
	entry->replacement_bytes = 0;
	entry->nr_terms = 0;
	entry->terms[0] = 0;
	return entry;
}

static struct alt_image image(void)
{
	return (struct alt_image){
		.entries = world.entries,
		.nr_entries = nr_entries,
		.text = { world.text, world.text + TEXT_BYTES },
		.early = { world.text + EARLY_START, world.text + EARLY_STOP },
		.replacements = { world.versions, world.versions + TEXT_BYTES },
		.features = &features,
		.constants = constants,
	};
}

static struct text_move moves[6 * MANY];
static size_t nr_moves;

static void expect(int error, const struct alt_entry *entry, const char *why)
{
	const struct alt_image own = image();
	struct alt_problem problem = { NULL, "" };
	int have = alt_plan_check(&own, moves, ARRAY_SIZE(moves), &nr_moves, &problem);

	assert_int_equal(have, error);
	if (!error)
		return;
	assert_string_equal(problem.why, why);
	assert_ptr_equal(problem.entry, entry);
}

static void test_good(void **state)
{
	add_at(64, 9);
	add_at(73, 255);
	add_at(512 - 9, 9);
	expect(0, NULL, NULL);
	assert_int_equal(nr_moves, 6);
	/* The three sites, then their versions: of one unit with theirs, and no other. */
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(moves[i].unit == moves[3 + k].unit, i == k);
}

static void test_empty(void **state)
{
	expect(0, NULL, NULL);
	assert_int_equal(nr_moves, 0);
}

static void test_bounds(void **state)
{
	struct alt_entry *entry = add_at(100, 9);

	aim(&entry->site, (uintptr_t)world.text - 1);
	expect(-EINVAL, entry, "the site is not within the kernel's text");
	aim(&entry->site, (uintptr_t)world.text + TEXT_BYTES - 8);
	expect(-EINVAL, entry, "the site is not within the kernel's text");
	entry->site = INT32_MIN;
	expect(-EINVAL, entry, "the site is not within the kernel's text");
	aim(&entry->site, (uintptr_t)world.text + EARLY_STOP - 1);
	expect(-EINVAL, entry, "the site stands in code that the patcher itself runs");
	aim(&entry->site, (uintptr_t)world.text + EARLY_START - 8);
	expect(-EINVAL, entry, "the site stands in code that the patcher itself runs");
	aim(&entry->site, (uintptr_t)world.text + EARLY_START - 9);
	expect(0, NULL, NULL);
	aim(&entry->site, (uintptr_t)world.text + EARLY_STOP);
	expect(0, NULL, NULL);
	aim(&entry->replacement, (uintptr_t)world.versions - 1);
	expect(-EINVAL, entry, "a version is not within the section of versions");
	aim(&entry->replacement, (uintptr_t)world.versions + TEXT_BYTES - 8);
	expect(-EINVAL, entry, "a version is not within the section of versions");
}

static void test_lengths(void **state)
{
	struct alt_entry *entry = add_at(100, 9);

	entry->replacement_bytes = 10;
	expect(-EINVAL, entry, "a version is longer than the site");
	entry->replacement_bytes = 9;
	entry->default_bytes = 10;
	expect(-EINVAL, entry, "the default code is longer than the site");
	entry->site_bytes = 0;
	expect(-EINVAL, entry, "the site has no bytes");
}

static void test_conditions(void **state)
{
	struct alt_entry *entry = add_at(100, 9);

	entry->nr_terms = 5;
	expect(-EINVAL, entry, "its condition has too many terms");
	entry->nr_terms = 2;
	entry->terms[1] = NR_FEATURES;
	expect(-EINVAL, entry, "its condition names an unknown feature");
	entry->terms[1] = NR_FEATURES | ALT_NOT;
	expect(-EINVAL, entry, "its condition names an unknown feature");
	entry->terms[1] = FEATURE_LM | ALT_NOT;
	expect(0, NULL, NULL);
	entry->kind_op = 2;
	expect(-EINVAL, entry, "its condition combines terms in an unknown way");
	entry->kind_op = 2 << 4;
	expect(-EINVAL, entry, "the record is of an unknown kind");
}

/* Both ways to combine no terms at all are true: the version moves, the default is gone. */
static void test_always(void **state)
{
	struct alt_entry *entry = add_at(100, 9);

	entry->nr_terms = 0;
	for (entry->kind_op = ALT_ALL_OF; entry->kind_op <= ALT_ANY_OF; entry->kind_op++) {
		expect(0, NULL, NULL);
		assert_int_equal(nr_moves, 2);
	}
}

static void test_overlap(void **state)
{
	struct alt_entry *second;

	add_at(100, 9);
	second = add_at(108, 9);
	expect(-EINVAL, &world.entries[0], "it overlaps another site");
	*second = (struct alt_entry){ 0 };
	nr_entries = 1;
	add(world.text + 109, world.versions + 108, 9); /* the versions overlap */
	expect(-EINVAL, &world.entries[0], "it overlaps another site");
	nr_entries = 1;
	memset(&features, 0, sizeof(features)); /* losers overlap just as well */
	add(world.text + 108, world.versions + 109, 9);
	expect(-EINVAL, &world.entries[0], "it overlaps another site");
	nr_entries = 1;
	add_at(109, 9);
	expect(0, NULL, NULL);
}

static void test_padding(void **state)
{
	struct alt_entry *entry = add_at(100, 9);

	entry->default_bytes = 2;
	entry->terms[0] |= ALT_NOT;
	world.text[105] = 0xcc;
	expect(-EINVAL, entry, "what follows the default code is no padding");
	text_fill_nops(world.text + 102, 7);
	expect(0, NULL, NULL);
	memset(world.text + 102, 0x90, 7);
	expect(0, NULL, NULL);
}

static void test_code(void **state)
{
	struct alt_entry *entry = add_at(100, 9);

	memcpy(world.versions + 100, "\x90\x90\x90\x90\x90\xe8\0\0\0", 9);
	expect(-EINVAL, entry, "a version is not made of whole known instructions");
	memcpy(world.versions + 100, "\x90\x90\x90\x90\x90\x90\x90\x74\x40", 9);
	expect(-EINVAL, entry, "a version refers to another that will not be there");
	memcpy(world.versions + 100, "\xe9\0\0\0\0\x90\x90\x90\x90", 9);
	expect(0, NULL, NULL);
	memcpy(world.versions + 100, "\xe9\x10\0\0\0\x90\x90\x90\x90", 9);
	expect(-EINVAL, entry, "a version refers to another that will not be there");
	memcpy(world.versions + 100, "\xe9\xfc\xfd\xff\xff\x90\x90\x90\x90", 9); /* to text+101 */
	expect(-EINVAL, entry, "a version refers to default code that it replaces");
	memcpy(world.versions + 100, "\xe9\xfb\xfd\xff\xff\x90\x90\x90\x90", 9); /* to the site */
	expect(0, NULL, NULL);
	memcpy(world.versions + 500, "\x90\x90\x90\x90\x90\x90\x90\x74\x7f", 9);
	aim(&entry->replacement, (uintptr_t)world.versions + 500);
	expect(-ERANGE, entry, "a branch or operand of a version cannot reach from the site");
}

static void test_constants(void **state)
{
	struct alt_entry *entry = add_constant(100, "\x48\x81\xf9\0\0\0\0", 7); /* cmp rcx, */

	expect(0, NULL, NULL);
	constants[ALT_CONSTANT_USER_LIMIT] = 0x7fffffff;
	expect(0, NULL, NULL);
	constants[ALT_CONSTANT_USER_LIMIT] = 0x80000000;
	expect(-ERANGE, entry, "the runtime constant does not fit the instruction");
	constants[ALT_CONSTANT_USER_LIMIT] = 0xffffffff80000000;
	expect(0, NULL, NULL);
	nr_entries = 0;
	entry = add_constant(100, "\x81\xf9\0\0\0\0", 6); /* cmp ecx, */
	expect(-ERANGE, entry, "the runtime constant does not fit the instruction");
	constants[ALT_CONSTANT_USER_LIMIT] = 0xffffffff;
	expect(0, NULL, NULL);
	entry->replacement = NR_ALT_CONSTANTS;
	expect(-EINVAL, entry, "it asks for an unknown runtime constant");
	entry->replacement = -1;
	expect(-EINVAL, entry, "it asks for an unknown runtime constant");
	entry->replacement = 0;
	entry->nr_terms = 1;
	expect(-EINVAL, entry, "a runtime constant has no version and no condition");
	entry->nr_terms = 0;
	entry->default_bytes--;
	expect(-EINVAL, entry, "a runtime constant has no version and no condition");
	entry->default_bytes++;
	entry->depth = ALT_MAX_DEPTH;
	expect(-EINVAL, entry, "the site is nested, but the site around it is missing");
	entry->depth++;
	expect(-EINVAL, entry, "the constant is nested too deep");
	nr_entries = 0;
	entry = add_constant(100, "\x81\xf9\0\0\0\0", 6);
	add_constant(100, "\x81\xf9\0\0\0\0", 6); /* the same instruction's once more */
	expect(-EINVAL, entry, "it overlaps another site");
	nr_entries = 0;
	entry = add_constant(100, "\x48\x01\xc8", 3); /* add rax, rcx */
	expect(-EINVAL, entry, "a runtime constant is for one instruction with an immediate");
	nr_entries = 0;
	entry = add_constant(100, "\xb8\0\0\0\0\x90", 6); /* mov eax, and nop */
	expect(-EINVAL, entry, "a runtime constant is for one instruction with an immediate");
}

static void test_nesting(void **state)
{
	struct alt_entry *inner = add(world.text + 104, world.versions + 304, 2), *outer;

	inner->depth = 1;
	expect(-EINVAL, inner, "the site is nested, but the site around it is missing");
	outer = add_at(100, 9);
	expect(0, NULL, NULL);
	inner->depth = 2;
	expect(-EINVAL, inner, "the site is nested, but not directly before the site around it");
	inner->depth = ALT_MAX_DEPTH;
	expect(-EINVAL, inner, "the site is nested too deep");
	inner->depth = 1;
	inner->site += 4;
	expect(-EINVAL, inner, "the nested site lies in no version of the site around it");
	inner->site -= 4;
	outer->default_bytes = 5;
	expect(-EINVAL, inner, "the nested site lies in no version of the site around it");
	aim(&inner->site, (uintptr_t)world.versions + 108); /* its second byte is beyond */
	expect(-EINVAL, inner, "the nested site lies in no version of the site around it");
	aim(&inner->site, (uintptr_t)world.versions + 107);
	expect(0, NULL, NULL);
}

/* What a constant's site holds is one instruction: there is no code for a site to be in. */
static void test_nested_in_constant(void **state)
{
	struct alt_entry *inner = add(world.text + 102, world.versions + 304, 2);

	inner->depth = 1;
	add_constant(100, "\x81\xf9\0\0\0\0", 6);
	expect(-EINVAL, inner, "the nested site lies in no version of the site around it");
}

/* Named is the site that is wrong, not the first record of the block. */
static void test_nested_outer_at_fault(void **state)
{
	struct alt_entry *outer;

	add(world.text + 104, world.versions + 304, 2)->depth = 1;
	outer = add_at(100, 9);
	world.versions[100] = 0x06; /* no instruction */
	expect(-EINVAL, outer, "a version is not made of whole known instructions");
}

static int count_sites(void *context, const struct alt_site *site)
{
	++*(unsigned *)context;
	return 0;
}

/* Sites at one address, of one length, are as many as they are deep. */
static void test_nested_alone(void **state)
{
	struct alt_plan plan = { .moves = moves, .max_moves = ARRAY_SIZE(moves) };
	struct alt_problem problem;
	struct alt_image own;
	unsigned seen = 0;

	for (u8 depth = 3; depth-- > 0;)
		add(world.text + 100, world.versions + 100 + 9 * depth, 9)->depth = depth;
	own = image();
	assert_int_equal(alt_plan_visit(&own, count_sites, &seen, &problem), 0);
	assert_int_equal(seen, 3);
	assert_int_equal(alt_plan_make(&own, &plan, &problem), 0);
	assert_int_equal(plan.nr_sites, 3);
}

/* Blocks in the wrong order, so many that they are really sorted: of two stretches that begin at
 * one place, the empty one was none. */
static void test_backwards(void **state)
{
	size_t seen = 0;

	for (size_t i = 0; i < MANY; i++) {
		u8 *site = world.text + 64 + 4 * (MANY - 1 - i);

		add(site, world.versions + 2 * i, 2)->depth = 1;
		add(site, world.versions + 2 * MANY + 3 * i, 3)->terms[0] |= ALT_NOT;
	}
	expect(0, NULL, NULL);
	for (size_t i = 0; i < nr_moves; i++) {
		assert_true(moves[i].bytes);
		if (moves[i].from >= (uintptr_t)world.versions)
			continue;
		assert_int_equal(moves[i].from, (uintptr_t)world.text + 64 + 4 * seen++);
		assert_int_equal(moves[i].bytes, 2);
	}
	assert_int_equal(seen, MANY);
}

static void test_nested_order(void **state)
{
	struct alt_entry *first = add(world.text + 104, world.versions + 304, 2);
	struct alt_entry *second = add(world.text + 106, world.versions + 306, 2);

	first->depth = second->depth = 1;
	add_at(100, 9);
	expect(0, NULL, NULL);
	second->site -= 1;
	expect(-EINVAL, first, "nested sites overlap or are not in the order of the code");
	second->site -= 4;
	expect(-EINVAL, first, "nested sites overlap or are not in the order of the code");
}

/* No room for the moves is an error, not an overrun; what was promised to be enough is enough. */
static void test_room(void **state)
{
	const struct alt_image own = image();
	struct alt_problem problem;
	struct alt_image two;

	add_at(100, 9);
	add_at(120, 9);
	two = image();
	assert_int_equal(own.nr_entries, 0);
	moves[3].from = 0x5a5a;
	assert_int_equal(alt_plan_check(&two, moves, 3, &nr_moves, &problem), -ENOSPC);
	assert_int_equal(moves[3].from, 0x5a5a);
	assert_int_equal(alt_plan_check(&two, moves, alt_plan_max_moves(2), &nr_moves, &problem),
			 0);
	world.entries[0].depth = 1; /* a nested one needs room of its own, before it is looked at */
	for (size_t i = 0; i < 8; i++)
		moves[i].from = 0x5a5a;
	assert_int_equal(alt_plan_check(&two, moves + 4, 0, &nr_moves, &problem), -ENOSPC);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(moves[i].from, 0x5a5a);
}

/* The same for the bytes. */
static void test_room_for_bytes(void **state)
{
	u8 bytes[18 + 1] = { [18] = 0x5a };
	struct alt_plan plan = {
		.moves = moves, .max_moves = ARRAY_SIZE(moves), .bytes = bytes, .max_bytes = 18
	};
	struct alt_problem problem;
	struct alt_image own;

	add_at(100, 9);
	add_at(120, 9);
	own = image();
	assert_int_equal(alt_plan_max_bytes(own.entries, own.nr_entries), 18);
	assert_int_equal(alt_plan_make(&own, &plan, &problem), 0);
	assert_int_equal(plan.nr_bytes, 18);
	bytes[17] = 0x5a;
	plan.max_bytes = 17;
	assert_int_equal(alt_plan_make(&own, &plan, &problem), -ENOSPC);
	assert_int_equal(bytes[17], 0x5a);
	assert_int_equal(bytes[18], 0x5a);
}

/* A version of no bytes: the site becomes one NOP for each nine bytes. */
static int see_nops(void *context, const struct alt_site *site)
{
	u8 nops[9];

	text_fill_nops(nops, sizeof(nops));
	assert_memory_equal(site->after, nops, sizeof(nops));
	++*(unsigned *)context;
	return 7;
}

static void test_visit(void **state)
{
	struct alt_problem problem;
	struct alt_image own;
	unsigned seen = 0;

	add_at(100, 9)->replacement_bytes = 0;
	add_at(120, 9)->replacement_bytes = 0;
	memset(world.text + 100, 0xcc, 9);
	own = image();
	assert_int_equal(alt_plan_visit(&own, see_nops, &seen, &problem), 7);
	assert_int_equal(seen, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_good, setup),
		cmocka_unit_test_setup(test_empty, setup),
		cmocka_unit_test_setup(test_bounds, setup),
		cmocka_unit_test_setup(test_lengths, setup),
		cmocka_unit_test_setup(test_conditions, setup),
		cmocka_unit_test_setup(test_always, setup),
		cmocka_unit_test_setup(test_overlap, setup),
		cmocka_unit_test_setup(test_padding, setup),
		cmocka_unit_test_setup(test_code, setup),
		cmocka_unit_test_setup(test_constants, setup),
		cmocka_unit_test_setup(test_nesting, setup),
		cmocka_unit_test_setup(test_nested_in_constant, setup),
		cmocka_unit_test_setup(test_nested_outer_at_fault, setup),
		cmocka_unit_test_setup(test_nested_alone, setup),
		cmocka_unit_test_setup(test_backwards, setup),
		cmocka_unit_test_setup(test_nested_order, setup),
		cmocka_unit_test_setup(test_room, setup),
		cmocka_unit_test_setup(test_room_for_bytes, setup),
		cmocka_unit_test_setup(test_visit, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
