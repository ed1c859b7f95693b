/* SPDX-License-Identifier: MIT */
/* The benchmark's arithmetic: medians, the noise rule, mixes, gates. No time is measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <gates.h>

static void quartiles_are_of_the_sorted_samples(void **state)
{
	u64 samples[] = { 9, 1, 8, 2, 7, 3, 6, 4, 5 };
	struct quartiles q = quartiles_of(samples, ARRAY_SIZE(samples));

	assert_int_equal(q.q1, 3);
	assert_int_equal(q.median, 5);
	assert_int_equal(q.q3, 7);
}

static void noise_is_neither_won_nor_lost(void **state)
{
	assert_int_equal(judge_ratio(1.35, 1.35, 64), VERDICT_PASS);
	assert_int_equal(judge_ratio(1.20, 1.35, 256), VERDICT_TIE);
	assert_int_equal(judge_ratio(1.17, 1.35, 256), VERDICT_FAIL);
	assert_int_equal(judge_ratio(0.92, 0.95, 257), VERDICT_TIE);
	assert_int_equal(judge_ratio(0.90, 0.95, 257), VERDICT_FAIL);
}

static void mixes_stay_within_their_sizes(void **state)
{
	static const u32 limits[][2] = { { 1, 256 }, { 1, 4096 }, { 8, 64 }, { 1, 4096 } };
	static struct mix_entry entries[MIX_ENTRIES];
	u64 random_state = 1;

	assert_int_equal(nr_mixes, ARRAY_SIZE(limits));
	for (size_t m = 0; m < nr_mixes; m++) {
		u64 sum = mix_fill(&mixes[m], entries, &random_state);

		for (size_t i = 0; i < MIX_ENTRIES; i++) {
			assert_in_range(entries[i].bytes, limits[m][0], limits[m][1]);
			assert_true(entries[i].to < MIX_ARENA_BYTES);
			assert_true(entries[i].from < MIX_ARENA_BYTES);
			assert_true(!i || entries[i - 1].bytes <= entries[i].bytes);
			sum -= entries[i].bytes;
		}
		assert_int_equal(sum, 0);
		assert_true(entries[0].bytes < 2 * limits[m][0]);
		assert_true(entries[MIX_ENTRIES - 1].bytes > limits[m][1] / 4 * 3);
	}
}

static void shuffling_keeps_the_entries(void **state)
{
	static struct mix_entry entries[MIX_ENTRIES];
	u64 random_state = 1, sum = mix_fill(&mixes[0], entries, &random_state);
	unsigned falls = 0;

	mix_shuffle(entries, &random_state);
	for (size_t i = 0; i < MIX_ENTRIES; i++) {
		sum -= entries[i].bytes;
		falls += i && entries[i].bytes < entries[i - 1].bytes;
	}
	assert_int_equal(sum, 0);
	assert_true(falls > MIX_ENTRIES / 3);
}

static struct result play(const struct cell *cell, const char *who, u64 ticks)
{
	return (struct result){ *cell, who, 1, cell->bytes, { ticks, ticks, ticks } };
}

static u64 play_movsb(const struct cell *cell, u64 cliff)
{
	u32 d = cell_offset(cell);

	if (cell->mix || d < 1 || d > 31)
		return 100;
	return d <= 15 ? cliff : cliff / 2;
}

/* A result per contestant for every cell of copying: `quench` takes `quench` ticks a byte, glibc
 * and `rep movsb` 100, but the latter `cliff` at d = 1..15 and half of it at 16..31. */
static size_t play_results(struct result *results, const struct cells *cells, u64 quench, u64 cliff)
{
	size_t n = 0;

	for (size_t i = 0; i < cells->n; i++) {
		const struct cell *cell = &cells->list[i];
		u64 bytes = cell->mix ? 100 : cell->bytes;
		u64 movsb = play_movsb(cell, cliff);

		results[n++] = play(cell, "rep-movsb", movsb * bytes);
		results[n++] = play(cell, "quench", quench * bytes);
		results[n++] = play(cell, "glibc", 100 * bytes);
	}
	return n;
}

/* The gates' lines for such results; the number of those that fail. */
static unsigned play_gates(u64 quench, u64 cliff, char *text, size_t size)
{
	const struct sizes usual = { .n = 0 };
	struct cells cells = cells_of(false, true, &usual);
	struct result *results = calloc(3 * cells.n, sizeof(*results));
	FILE *out = fmemopen(text, size, "w");
	unsigned failed;

	assert_non_null(results);
	assert_non_null(out);
	failed = gates_print(out, results, play_results(results, &cells, quench, cliff), false);
	fclose(out);
	free(results);
	free(cells.list);
	return failed;
}

static void gates_pass_tie_and_fail(void **state)
{
	char text[8192];

	assert_int_equal(play_gates(50, 1000, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "PASS  no cliff, d 1..15"));
	assert_non_null(strstr(text, "PASS  repeated sizes to 64 B"));
	assert_int_equal(play_gates(80, 1000, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "tie   repeated sizes to 64 B"));
	assert_int_equal(play_gates(200, 1000, text, sizeof(text)), 7);
	assert_non_null(strstr(text, "FAIL  random mixes"));
	assert_non_null(strstr(text, "PASS  worst d"));
}

static void a_cliff_is_asked_for_only_where_there_is_one(void **state)
{
	char text[8192];

	assert_int_equal(play_gates(50, 300, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "n/a   no cliff, d 1..15"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quartiles_are_of_the_sorted_samples),
		cmocka_unit_test(noise_is_neither_won_nor_lost),
		cmocka_unit_test(mixes_stay_within_their_sizes),
		cmocka_unit_test(shuffling_keeps_the_entries),
		cmocka_unit_test(gates_pass_tie_and_fail),
		cmocka_unit_test(a_cliff_is_asked_for_only_where_there_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
