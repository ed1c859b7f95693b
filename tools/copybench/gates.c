/* SPDX-License-Identifier: MIT */
/* The gates: a table of what is asked where, and the worst cell for each. */
#include "gates.h"

#include <math.h>
#include <string.h>

/* A processor has the cliff when `rep movsb` at some offset in 1..31 takes so many times what it
 * takes half a page away. */
#define CLIFF_FACTOR   4.0
#define NEUTRAL_OFFSET 2048
/* The worst offset may take so many times the best of the same size. */
#define WORST_OFFSET 3.5

enum asked { ALWAYS, WHERE_CLIFF, WITHOUT_SIMD, WITH_SIMD };

struct gate {
	const char *text, *rival;
	double (*wanted)(
		const struct cell *cell); /* ratio to the rival; 0: not asked of this cell */
	enum asked asked;
};

static bool repeated(const struct cell *cell)
{
	return !cell->clear && !cell->mix && cell->group != GROUP_PAGES;
}

static double cliff_1_15(const struct cell *cell)
{
	u32 d = cell_offset(cell);

	return repeated(cell) && d >= 1 && d <= 15 && cell->bytes >= 64 && cell->bytes <= KIB(64)
		       ? 8
		       : 0;
}

static double cliff_16_31(const struct cell *cell)
{
	u32 d = cell_offset(cell);

	return repeated(cell) && d >= 16 && d <= 31 && cell->bytes >= 64 && cell->bytes <= 512 ? 2
											       : 0;
}

static double no_regression(const struct cell *cell)
{
	u32 d = cell_offset(cell);

	return repeated(cell) && (d < 1 || d > 31) && cell->bytes >= 384 ? 0.95 : 0;
}

static double repeated_small(const struct cell *cell)
{
	return repeated(cell) && cell->bytes <= 64 ? 1.35 : 0;
}

static double repeated_middle(const struct cell *cell)
{
	return repeated(cell) && cell->bytes >= 128 && cell->bytes <= 256 ? 1.35 : 0;
}

static double copy_mixes(const struct cell *cell)
{
	return !cell->clear && cell->mix ? 0.97 : 0;
}

static double glibc_small(const struct cell *cell)
{
	return repeated(cell) && cell->bytes <= 64 ? 0.95 : 0;
}

static bool glibc_middle(const struct cell *cell)
{
	return repeated(cell) && cell->bytes >= 65 && cell->bytes <= 2048;
}

static double glibc_middle_scalar(const struct cell *cell)
{
	return glibc_middle(cell) ? 0.45 : 0;
}

static double glibc_middle_simd(const struct cell *cell)
{
	return glibc_middle(cell) ? 0.9 : 0;
}

static double glibc_large(const struct cell *cell)
{
	return repeated(cell) && cell->bytes >= 4096 ? 0.95 : 0;
}

static bool clear_middle(const struct cell *cell)
{
	return !cell->mix && cell->bytes >= 128 && cell->bytes <= 256;
}

static double clear_128_256(const struct cell *cell)
{
	return cell->clear && clear_middle(cell) ? 1.5 : 0;
}

static double clear_elsewhere(const struct cell *cell)
{
	return cell->clear && !clear_middle(cell) ? 0.95 : 0;
}

static const struct gate gates[] = {
	{ "no cliff, d 1..15, 64 B to 64 KiB: 8 x", "rep-movsb", cliff_1_15, WHERE_CLIFF },
	{ "no cliff, d 16..31, 64 to 512 B: 2 x", "rep-movsb", cliff_16_31, WHERE_CLIFF },
	{ "no regression, other d, from 384 B: 0.95 x", "rep-movsb", no_regression, ALWAYS },
	{ "repeated sizes to 64 B: 1.35 x", "rep-movsb", repeated_small, ALWAYS },
	{ "repeated sizes 128 to 256 B: 1.35 x", "rep-movsb", repeated_middle, ALWAYS },
	{ "random mixes: 0.97 x", "rep-movsb", copy_mixes, ALWAYS },
	{ "to 64 B: 0.95 x", "glibc", glibc_small, ALWAYS },
	{ "65 to 2048 B, without SIMD: 0.45 x", "glibc", glibc_middle_scalar, WITHOUT_SIMD },
	{ "65 to 2048 B, with SIMD: 0.9 x", "glibc", glibc_middle_simd, WITH_SIMD },
	{ "from 4096 B: 0.95 x", "glibc", glibc_large, ALWAYS },
	{ "clear 128 to 256 B: 1.5 x", "rep-stosb", clear_128_256, ALWAYS },
	{ "clear elsewhere: 0.95 x", "rep-stosb", clear_elsewhere, ALWAYS },
};

/* How the cells of one gate came out. */
struct score {
	unsigned cells[3]; /* by verdict */
	double log_sum;
	const struct result *worst;
	double worst_ratio, worst_share;
};

static void add_score(struct score *score, const struct result *quench, double ratio, double wanted,
		      enum verdict verdict)
{
	score->cells[verdict]++;
	score->log_sum += log(ratio);
	if (score->worst && ratio / wanted >= score->worst_share)
		return;
	score->worst = quench;
	score->worst_ratio = ratio;
	score->worst_share = ratio / wanted;
}

/* Nothing failed that would not fail with the better quartile of ours and the worse of theirs. */
static enum verdict judge(const struct result *ours, const struct result *rival, double ratio,
			  double wanted)
{
	enum verdict verdict = judge_ratio(ratio, wanted, ours->cell.bytes);
	double low = (double)ours->ticks.q1 / (double)ours->ops;
	double high = (double)rival->ticks.q3 / (double)rival->ops;

	return verdict == VERDICT_FAIL && high >= wanted * low ? VERDICT_TIE : verdict;
}

static void add_rivals(struct score *score, const struct result *ours, const struct result *rival,
		       double wanted)
{
	double ratio = ticks_per_call(rival) / ticks_per_call(ours);

	add_score(score, ours, ratio, wanted, judge(ours, rival, ratio, wanted));
}

/* The result of `name` in the cell whose results begin at results[at]; NULL: it has none. */
static const struct result *in_cell(const struct result *results, size_t n, size_t at,
				    const char *name)
{
	const struct cell *cell = &results[at].cell;

	for (; at < n && cell_same(&results[at].cell, cell); at++)
		if (!strcmp(results[at].variant, name))
			return &results[at];
	return NULL;
}

static bool starts_cell(const struct result *results, size_t i)
{
	return !i || !cell_same(&results[i].cell, &results[i - 1].cell);
}

static void score_gate(struct score *score, const struct gate *gate, const struct result *results,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double wanted = gate->wanted(&results[i].cell);
		const struct result *ours, *rival;

		if (wanted <= 0 || !starts_cell(results, i))
			continue;
		ours = in_cell(results, n, i, "quench");
		rival = in_cell(results, n, i, gate->rival);
		if (ours && rival)
			add_rivals(score, ours, rival, wanted);
	}
}

static bool at_offset(const struct result *r, const char *name, u64 bytes)
{
	return r->cell.group == GROUP_OFFSETS && r->cell.bytes == bytes &&
	       !strcmp(r->variant, name);
}

/* The fastest offset of `name`. */
static const struct result *best_offset(const struct result *results, size_t n, const char *name,
					u64 bytes)
{
	const struct result *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (at_offset(&results[i], name, bytes) &&
		    (!best || ticks_per_call(&results[i]) < ticks_per_call(best)))
			best = &results[i];
	return best;
}

/* What `rep movsb` takes half a page away. */
static double neutral_offset(const struct result *results, size_t n, u64 bytes)
{
	for (size_t i = 0; i < n; i++)
		if (at_offset(&results[i], "rep-movsb", bytes) &&
		    cell_offset(&results[i].cell) == NEUTRAL_OFFSET)
			return ticks_per_call(&results[i]);
	return INFINITY;
}

static void score_worst_offset(struct score *score, const struct result *results, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct result *r = &results[i];

		if (r->cell.group != GROUP_OFFSETS || strcmp(r->variant, "quench"))
			continue;
		add_rivals(score, r, best_offset(results, n, "quench", r->cell.bytes),
			   1 / WORST_OFFSET);
	}
}

/* The most `rep movsb` takes at an offset in 1..31, in terms of half a page away. */
static double cliff_height(const struct result *results, size_t n)
{
	double height = 0;

	for (size_t i = 0; i < n; i++) {
		const struct result *r = &results[i];
		u32 d = cell_offset(&r->cell);

		if (d >= 1 && d <= 31 && at_offset(r, "rep-movsb", r->cell.bytes))
			height = fmax(height, ticks_per_call(r) /
						      neutral_offset(results, n, r->cell.bytes));
	}
	return height;
}

static bool print_score(FILE *out, const struct score *score, const char *text, const char *rival)
{
	static const char *const words[] = { "PASS", "tie ", "FAIL" };
	unsigned all = score->cells[0] + score->cells[1] + score->cells[2];
	enum verdict verdict = score->cells[VERDICT_FAIL]  ? VERDICT_FAIL
			       : score->cells[VERDICT_TIE] ? VERDICT_TIE
							   : VERDICT_PASS;
	char label[64];

	if (!all) {
		fprintf(out, "n/a   %s %s: nothing measured\n", text, rival);
		return false;
	}
	cell_label(&score->worst->cell, label, sizeof(label));
	fprintf(out, "%s  %s %s: %u cells, %u pass, %u tie, %u fail; mean %.2f, worst %.2f at %s\n",
		words[verdict], text, rival, all, score->cells[VERDICT_PASS],
		score->cells[VERDICT_TIE], score->cells[VERDICT_FAIL], exp(score->log_sum / all),
		score->worst_ratio, label);
	return verdict == VERDICT_FAIL;
}

static unsigned print_gate(FILE *out, const struct gate *gate, const struct result *results,
			   size_t n, bool simd, double cliff)
{
	struct score score = { 0 };

	if (gate->asked == (simd ? WITHOUT_SIMD : WITH_SIMD))
		return 0;
	if (gate->asked == WHERE_CLIFF && cliff < CLIFF_FACTOR) {
		fprintf(out, "n/a   %s %s: it has no cliff here, at most %.1f x half a page away\n",
			gate->text, gate->rival, cliff);
		return 0;
	}
	score_gate(&score, gate, results, n);
	return print_score(out, &score, gate->text, gate->rival);
}

unsigned gates_print(FILE *out, const struct result *results, size_t n, bool simd)
{
	double cliff = cliff_height(results, n);
	struct score offsets = { 0 };
	unsigned failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(gates); i++)
		failed += print_gate(out, &gates[i], results, n, simd, cliff);
	score_worst_offset(&offsets, results, n);
	failed +=
		print_score(out, &offsets, "worst d at most 3.5 times the best: 0.29 x", "best d");
	return failed;
}
