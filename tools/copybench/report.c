/* SPDX-License-Identifier: MIT */
/* Tables and records. */
#include "report.h"

#include <string.h>

#define LABEL_COLUMNS 26

/* How many results from `results` on are of the same cell as the first. */
static size_t same_cell(const struct result *results, size_t n)
{
	size_t same = 1;

	while (same < n && cell_same(&results[same].cell, &results[0].cell))
		same++;
	return same;
}

static const struct result *by_name(const struct result *row, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(row[i].variant, name))
			return &row[i];
	return NULL;
}

static const struct result *fastest(const struct result *row, size_t n)
{
	const struct result *best = row;

	for (size_t i = 1; i < n; i++)
		if (ticks_per_call(&row[i]) < ticks_per_call(best))
			best = &row[i];
	return best;
}

/* No rank within noise: whoever the rule or the spread does not set apart from the best is best. */
static bool ties(const struct result *r, const struct result *best)
{
	double low = (double)r->ticks.q1 / (double)r->ops;
	double high = (double)best->ticks.q3 / (double)best->ops;

	return low <= high || judge_ratio(ticks_per_call(best) / ticks_per_call(r), 1,
					  r->cell.bytes) != VERDICT_FAIL;
}

/* Half the distance between the quartiles, in percent of the median. */
static double spread_percent(const struct quartiles *q)
{
	return q->median ? 50.0 * (double)(q->q3 - q->q1) / (double)q->median : 0;
}

#define CELL_COLUMNS 14

static void print_ticks(FILE *out, const struct result *r, bool best)
{
	double ticks = ticks_per_call(r);

	fprintf(out, " %8.*f ±%2.0f%%%c", ticks < 1e4 ? 1 : 0, ticks, spread_percent(&r->ticks),
		best ? '*' : ' ');
}

static void print_rate(FILE *out, const struct result *r, bool best)
{
	fprintf(out, " %*.3g%c", CELL_COLUMNS - 2, (double)r->total_bytes / (double)r->ticks.median,
		best ? '*' : ' ');
}

typedef void (*print_fn)(FILE *out, const struct result *r, bool best);

static void print_row(FILE *out, const struct result *row, size_t n,
		      const struct contestant *contestants, size_t nr, print_fn print)
{
	const struct result *best = fastest(row, n);
	char label[64];

	cell_label(&row->cell, label, sizeof(label));
	fprintf(out, "%-*s", LABEL_COLUMNS, label);
	for (size_t i = 0; i < nr; i++) {
		const struct result *r = by_name(row, n, contestants[i].name);

		if (r)
			print(out, r, ties(r, best));
		else
			fprintf(out, " %*s ", CELL_COLUMNS - 2, "-");
	}
	fprintf(out, "\n");
}

static void print_table(FILE *out, const struct result *results, size_t n,
			const struct contestant *contestants, size_t nr, const char *unit,
			print_fn print)
{
	const struct cell *first = &results[0].cell;

	fprintf(out, "\n%s, %s\n%*s", group_title(first->group, first->clear), unit, LABEL_COLUMNS,
		"");
	for (size_t i = 0; i < nr; i++)
		fprintf(out, " %*s ", CELL_COLUMNS - 2, contestants[i].name);
	fprintf(out, "\n");
	for (size_t at = 0, same; at < n; at += same) {
		same = same_cell(results + at, n - at);
		print_row(out, results + at, same, contestants, nr, print);
	}
}

void report_tables(FILE *out, const struct result *results, size_t n,
		   const struct contestant *contestants, size_t nr)
{
	if (!n)
		return;
	print_table(out, results, n, contestants, nr, "ticks a call", print_ticks);
	print_table(out, results, n, contestants, nr, "bytes a tick", print_rate);
}

/* A JSON string; brand strings are ASCII, so that quotes and backslashes are all there is. */
static void print_string(FILE *out, const char *key, const char *text)
{
	fprintf(out, ",\"%s\":\"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		if (*text >= ' ' && *text < 127)
			fputc(*text, out);
	}
	fputc('"', out);
}

static void print_number(FILE *out, const char *key, u64 value)
{
	fprintf(out, ",\"%s\":%llu", key, (unsigned long long)value);
}

static void print_record(FILE *out, const struct result *r, const char *processor,
			 const char *chosen)
{
	fprintf(out, "{\"t\":\"bench\"");
	print_string(out, "name", r->cell.clear ? "clear" : "copy");
	print_string(out, "variant", r->variant);
	print_number(out, "bytes", r->cell.bytes);
	print_number(out, "dst_off", r->cell.dst_off);
	print_number(out, "src_off", r->cell.src_off);
	print_number(out, "ops", r->ops);
	print_number(out, "tsc", r->ticks.median);
	print_number(out, "tsc_q1", r->ticks.q1);
	print_number(out, "tsc_q3", r->ticks.q3);
	print_number(out, "total_bytes", r->total_bytes);
	print_string(out, "clock", "native");
	if (r->cell.mix) {
		print_string(out, "mix", r->cell.mix->name);
		print_string(out, "order", r->cell.sorted ? "sorted" : "shuffled");
	}
	print_string(out, "processor", processor);
	if (!strcmp(r->variant, "quench"))
		print_string(out, "copy", chosen);
	fprintf(out, "}\n");
}

void report_records(FILE *out, const struct result *results, size_t n, const char *processor,
		    const char *chosen)
{
	for (size_t i = 0; i < n; i++)
		print_record(out, &results[i], processor, chosen);
}
