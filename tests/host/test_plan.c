/* SPDX-License-Identifier: MIT */
/* Real blocks, planned for every set of the features they ask for, judged by Zydis, and run. */
#include "alternative_samples.h"
#include "fault_harness.h"

#include <Zydis/Zydis.h>
#include <arch/extable.h>
#include <arch/text.h>
#include <kernel/alternatives/plan.h>
#include <kernel/alternatives/record.h>
#include <kernel/extable/resolve.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

extern const u8 __executable_start[], etext[];

static ZydisDecoder zydis;
static u64 constants[NR_ALT_CONSTANTS];
static struct feature_set features;

/* Without the kernel's linker script the versions of each depth are a section of their own. */
static struct alt_range own_versions(void)
{
	static const char *const names[] = { ".altinstr_replacement", ".altinstr_replacement.2",
					     ".altinstr_replacement.3" };
	struct alt_range all = { NULL, NULL };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t bytes;
		const u8 *start = own_section(names[i], &bytes);

		if (!all.start || start < all.start)
			all.start = start;
		if (start + bytes > all.stop)
			all.stop = start + bytes;
	}
	return all;
}

static struct alt_image own_image(void)
{
	size_t bytes;
	const struct alt_entry *entries = own_section(".altinstructions", &bytes);

	return (struct alt_image){
		.entries = entries,
		.nr_entries = bytes / sizeof(*entries),
		.text = { __executable_start, etext },
		.replacements = own_versions(),
		.features = &features,
		.constants = constants,
	};
}

/* What one site held before it was written, to undo that. */
struct written {
	u8 *address;
	u8 bytes[255];
	u8 n;
};
struct workshop {
	struct alt_image image;
	struct text_move *moves;
	size_t nr_moves;
	struct written written[256];
	size_t nr_written;
};

static void writable(u8 *address, size_t n, int prot)
{
	u8 *page = (u8 *)ALIGN_DOWN((uintptr_t)address, PAGE_BYTES);

	assert_int_equal(mprotect(page, (size_t)(address + n - page), prot), 0);
}

static int write_site(void *context, const struct alt_site *site)
{
	struct workshop *shop = context;
	struct written *written = &shop->written[shop->nr_written];

	if (site->depth)
		return 0;
	assert_true(shop->nr_written++ < ARRAY_SIZE(shop->written));
	written->address = site->address;
	written->n = site->bytes;
	memcpy(written->bytes, site->address, site->bytes);
	writable(site->address, site->bytes, PROT_READ | PROT_WRITE | PROT_EXEC);
	memcpy(site->address, site->after, site->bytes);
	return 0;
}

static void check_plan(struct workshop *shop)
{
	size_t room = alt_plan_max_moves(shop->image.nr_entries);
	struct alt_problem problem = { 0 };

	shop->moves = malloc(room * sizeof(*shop->moves));
	if (alt_plan_check(&shop->image, shop->moves, room, &shop->nr_moves, &problem))
		fail_msg("record %td: %s", problem.entry ? problem.entry - shop->image.entries : -1,
			 problem.why);
}

static struct workshop *open_shop(void)
{
	struct workshop *shop = calloc(1, sizeof(*shop));
	struct alt_problem problem;

	shop->image = own_image();
	check_plan(shop);
	assert_int_equal(alt_plan_visit(&shop->image, write_site, shop, &problem), 0);
	return shop;
}

static void close_shop(struct workshop *shop)
{
	for (size_t i = 0; i < shop->nr_written; i++)
		memcpy(shop->written[i].address, shop->written[i].bytes, shop->written[i].n);
	free(shop->moves);
	free(shop);
}

enum { S = 1, E = 2, F = 4, L = 8, ALL = 16 };

static void choose(unsigned bits)
{
	static const unsigned names[] = { FEATURE_SMAP, FEATURE_ERMS, FEATURE_FSRM, FEATURE_LM };

	memset(&features, 0, sizeof(features));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (bits >> i & 1)
			feature_add(&features, names[i]);
	constants[ALT_CONSTANT_USER_LIMIT] = 1 + bits;
}

/* What each sample returns, from its source read by hand. */
static int conditions_of(unsigned bits)
{
	int value = bits & S ? 1 : 2 | 16;

	if ((bits & (S | E | F)) == (S | E))
		value |= 4;
	if (bits & F || !(bits & S))
		value |= 8;
	if (bits)
		value |= 32;
	return value;
}

static int nested_of(unsigned bits)
{
	int value = 16;

	if (!(bits & S))
		return (bits & E ? 2 : 1) | 4 | (bits & F ? 8 : 0);
	if (!(bits & E))
		value |= 32;
	else if (bits & F)
		value += 3 * 64 + 2 * 0x1000 + 0x100000;
	else
		value += 64 + 0x100000;
	value |= 128;
	return bits & F ? value + 0x10000 : value;
}

static int middle_of(unsigned bits)
{
	if (!(bits & S))
		return 0;
	if (!(bits & E))
		return 1;
	return bits & F ? 1 + 2 * 4 : 1 + 4;
}

static int nested_call_of(unsigned bits)
{
	if (!(bits & S))
		return 0;
	return bits & E ? 11 : 10;
}

static int tail_of(unsigned bits)
{
	if (bits & F)
		return 16 + 8;
	if (!(bits & S))
		return 16 + 1;
	return bits & E ? 16 + 2 : 16 + 2 + 4;
}

static int cpu_has_of(unsigned bits)
{
	int value = bits & S ? 1 : 0;

	if (!(bits & E))
		value |= 2;
	return (bits & (S | E)) == (S | E) ? value + 12 : value;
}

static u64 constants_of(u64 c)
{
	u64 value = ((c * 8 + c) * 8 + c) + c;

	return (u32)((u32)(value << c) ^ c);
}

static void run_samples(unsigned bits)
{
	u64 c = constants[ALT_CONSTANT_USER_LIMIT];

	assert_int_equal(sample_last_wins(), bits & E ? 2 : bits & S ? 1 : 0);
	assert_int_equal(sample_conditions(), conditions_of(bits));
	assert_int_equal(sample_moved(), bits & S ? 11 + 71 : 10 + 70);
	assert_int_equal(sample_branches(), bits & E ? 100 : bits & S ? 1015 : 0);
	assert_int_equal(sample_nested(), nested_of(bits));
	assert_int_equal(sample_middle(), middle_of(bits));
	assert_int_equal(sample_nested_call(), nested_call_of(bits));
	assert_int_equal(sample_tail(), tail_of(bits));
	assert_int_equal(sample_only_nested(), bits & S ? 3 : bits & E ? 2 : 1);
	assert_int_equal(sample_constants(), constants_of(c));
}

static void run_c_samples(unsigned bits)
{
	u64 c = constants[ALT_CONSTANT_USER_LIMIT];

	assert_int_equal(sample_c_io(5), (bits & (S | E)) == S ? 7 : 6);
	assert_int_equal(sample_c_call(7), bits & S ? 27 : 17);
	assert_int_equal(sample_c_call_if(), bits & (S | E) ? 1 : 0);
	assert_int_equal(sample_c_cpu_has(), cpu_has_of(bits));
	assert_int_equal(sample_c_constants(0x123456), (0x123456 >> c) + c * 1001000);
}

static void test_samples_run(void **state)
{
	for (unsigned bits = 0; bits < ALL; bits++) {
		choose(bits);
		struct workshop *shop = open_shop();

		run_samples(bits);
		run_c_samples(bits);
		close_shop(shop);
	}
	choose(0);
	assert_int_equal(sample_last_wins(), 0);
}

/* The samples say something before patching too: cpu_has() is false, calls go to the default. */
static void test_samples_unpatched(void **state)
{
	assert_int_equal(sample_c_cpu_has(), cpu_has_of(0));
	assert_int_equal(sample_c_call(7), 17);
	assert_int_equal(sample_c_call_if(), 0);
	assert_int_equal(sample_c_constants(0x123456), 0x123456);
}

/* The bytes of a site are whole instructions up to its end, and its padding is of few NOPs. */
static int judge_site(void *context, const struct alt_site *site)
{
	size_t used = site->winner ? site->winner->replacement_bytes : site->entry->default_bytes;
	size_t nops = 0;
	ZydisDecodedInstruction insn;

	assert_int_equal(site->depth, site->entry->depth);
	if (site->gone) {
		assert_null(site->after);
		return 0;
	}
	for (size_t at = 0; at < site->bytes; at += insn.length) {
		assert_true(ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
			&zydis, NULL, site->after + at, site->bytes - at, &insn)));
		if (at < used)
			continue;
		assert_int_equal(insn.mnemonic, ZYDIS_MNEMONIC_NOP);
		nops++;
	}
	assert_int_equal(nops, (site->bytes - used + 8) / 9);
	++*(size_t *)context;
	return 0;
}

static void test_samples_decode(void **state)
{
	for (unsigned bits = 0; bits < ALL; bits++) {
		struct alt_image image = own_image();
		struct alt_problem problem;
		size_t sites = 0;

		choose(bits);
		assert_int_equal(alt_plan_visit(&image, judge_site, &sites, &problem), 0);
		assert_true(sites > 20);
	}
}

static u64 moved_to(const struct workshop *shop, u64 address)
{
	for (size_t i = 0; i < shop->nr_moves; i++) {
		const struct text_move *move = &shop->moves[i];

		if (address - move->from < move->bytes)
			return move->to ? move->to + (address - move->from) : 0;
	}
	return address;
}

/* Sorted, disjoint, and after the moves no two bytes of code share a place. */
static void test_moves(void **state)
{
	for (unsigned bits = 0; bits < ALL; bits++) {
		choose(bits);
		struct workshop *shop = open_shop();
		const struct text_move *m = shop->moves;

		for (size_t i = 0; i < shop->nr_moves; i++) {
			assert_true(m[i].bytes > 0);
			assert_true(m[i].from != m[i].to);
			if (i)
				assert_true(m[i - 1].from + m[i - 1].bytes <= m[i].from);
			for (size_t j = 0; m[i].to && j < i; j++)
				assert_true(!m[j].to || m[j].to + m[j].bytes <= m[i].to ||
					    m[i].to + m[i].bytes <= m[j].to);
		}
		close_shop(shop);
	}
}

/* Each byte of a version that moved is found where the moves say, but for displacements. */
static void test_moves_bytes(void **state)
{
	for (unsigned bits = 0; bits < ALL; bits++) {
		choose(bits);
		struct workshop *shop = open_shop();
		const u8 *code = shop->image.replacements.start;
		ZydisDecodedInstruction a, b;

		for (; code < shop->image.replacements.stop; code += a.length) {
			u64 to = moved_to(shop, (uintptr_t)code);

			ZydisDecoderDecodeInstruction(&zydis, NULL, code, 15, &a);
			if (!to)
				continue;
			assert_true(to != (uintptr_t)code); /* no version stays where it is */
			ZydisDecoderDecodeInstruction(&zydis, NULL, (const void *)to, 15, &b);
			if (a.mnemonic != ZYDIS_MNEMONIC_NOP)
				assert_int_equal(a.mnemonic, b.mnemonic);
			if (a.mnemonic != ZYDIS_MNEMONIC_NOP)
				assert_int_equal(a.length, b.length);
		}
		close_shop(shop);
	}
}

/* A copy of this program's exception table, near enough to be resolved. */
static struct extable_entry table[512];

static size_t copy_table(void)
{
	size_t bytes, n;
	const struct extable_entry *own = own_section(".extable", &bytes);

	n = bytes / sizeof(*own);
	assert_true(n <= ARRAY_SIZE(table));
	for (size_t i = 0; i < n; i++) {
		table[i].insn = (s32)(extable_insn_of(&own[i]) - (uintptr_t)&table[i].insn);
		table[i].fixup = (s32)(extable_fixup_of(&own[i]) - (uintptr_t)&table[i].fixup);
		table[i].type = own[i].type;
	}
	return n;
}

/* The entries of sample_faults lie on its loads, whichever version won. */
static void test_entries_travel(void **state)
{
	size_t of_others = 0; /* entries of versions of copy_user.asm, which never win here */

	for (unsigned bits = 0; bits < ALL; bits++) {
		struct extable_counts counts;
		struct extable_problem problem;
		size_t n = copy_table(), mine = 0;
		u64 start = (uintptr_t)sample_faults, stop = start + 80;

		choose(bits);
		struct workshop *shop = open_shop();

		if (extable_resolve(table, n, shop->moves, shop->nr_moves, &counts, &problem))
			fail_msg("set %u, insn 0x%lx: %s", bits, problem.insn, problem.why);
		assert_int_equal(counts.entries + counts.dropped, n);
		if (!bits)
			of_others = counts.dropped - 2;
		assert_int_equal(counts.dropped - of_others, bits & S ? 1 : 2);
		assert_int_equal(counts.moved, bits & S ? 2 : 0);
		for (size_t i = 0; i < counts.entries; i++) {
			const u8 *insn = (const u8 *)extable_insn_of(&table[i]);
			const u8 *fixup = (const u8 *)extable_fixup_of(&table[i]);

			if ((uintptr_t)insn < start || (uintptr_t)insn >= stop)
				continue;
			mine++;
			assert_int_equal(insn[0], 0x8a); /* mov al, [...] */
			if (table[i].type == EXTABLE_FAULT_ERROR)
				assert_int_equal(insn[2], 1);
			if (bits & S && mine == 1) /* .mend travelled, too: it is clac */
				assert_memory_equal(fixup, "\x0f\x01\xca", 3);
			else
				assert_int_equal(fixup[0], 0xc3);
		}
		assert_int_equal(mine, bits & S ? 3 : 2);
		close_shop(shop);
	}
}

static void test_condition_text(void **state)
{
	static const struct {
		struct alt_entry entry;
		const char *text;
	} cases[] = {
		{ { .terms = { FEATURE_SMAP }, .nr_terms = 1 }, "SMAP" },
		{ { .terms = { FEATURE_SMAP | ALT_NOT }, .nr_terms = 1 }, "not SMAP" },
		{ { .terms = { FEATURE_LM, FEATURE_NX | ALT_NOT }, .nr_terms = 2 },
		  "all_of(LM, not NX)" },
		{ { .terms = { FEATURE_LM, FEATURE_NX }, .nr_terms = 2, .kind_op = ALT_ANY_OF },
		  "any_of(LM, NX)" },
		{ { .nr_terms = 0 }, "always" },
		{ { .kind_op = ALT_CONSTANT << 4 }, "constant USER_LIMIT" },
		{ { .kind_op = ALT_CONSTANT << 4, .replacement = 99 }, "constant ?" },
		{ { .terms = { 0x7fff }, .nr_terms = 1 }, "?" },
	};
	char text[ALT_CONDITION_TEXT_BYTES], little[8];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		alt_condition_text(text, sizeof(text), &cases[i].entry);
		assert_string_equal(text, cases[i].text);
	}
	alt_condition_text(little, sizeof(little), &cases[2].entry);
	assert_string_equal(little, "all_of(");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples_unpatched), cmocka_unit_test(test_samples_run),
		cmocka_unit_test(test_samples_decode),    cmocka_unit_test(test_moves),
		cmocka_unit_test(test_moves_bytes),       cmocka_unit_test(test_entries_travel),
		cmocka_unit_test(test_condition_text),
	};

	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
