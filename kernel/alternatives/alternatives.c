/* SPDX-License-Identifier: MIT */
/* Applying the plan to the kernel itself: its own tables and text, reports, and the writing. */
#include <arch/cpu.h>
#include <arch/text.h>
#include <kernel/alternatives/alternatives.h>
#include <kernel/alternatives/plan.h>
#include <kernel/alternatives/record.h>
#include <kernel/lib/symbols.h>
#include <quench/log.h>
#include <quench/records.h>
#include <quench/string.h>

extern const struct alt_entry __start_altinstructions[], __stop_altinstructions[];
extern const u8 __start_altinstr_replacement[], __stop_altinstr_replacement[];
extern const u8 __start_text[], __stop_text[], __start_text_early[], __stop_text_early[];

static u64 constants[NR_ALT_CONSTANTS] __ro_after_init;

static struct alt_image own_image(const struct feature_set *features)
{
	return (struct alt_image){
		.entries = __start_altinstructions,
		.nr_entries = (size_t)(__stop_altinstructions - __start_altinstructions),
		.text = { __start_text, __stop_text },
		.early = { __start_text_early, __stop_text_early },
		.replacements = { __start_altinstr_replacement, __stop_altinstr_replacement },
		.features = features,
		.constants = constants,
	};
}

size_t alternatives_max_moves(void)
{
	return alt_plan_max_moves((size_t)(__stop_altinstructions - __start_altinstructions));
}

static void complain(const struct alt_problem *problem)
{
	char symbol[SYMBOL_TEXT_BYTES] = "the table of alternatives";
	char condition[ALT_CONDITION_TEXT_BYTES] = "no record";

	if (problem->entry) {
		symbol_format(symbol, sizeof(symbol), (uintptr_t)alt_site_of(problem->entry));
		alt_condition_text(condition, sizeof(condition), problem->entry);
	}
	log_line("alternatives: %s (%s): %s", symbol, condition, problem->why);
}

/* What won at the site, in words. */
static void verdict_text(char *out, size_t size, const struct alt_site *site)
{
	static const char gone[] = "gone", stays[] = "default";

	if (site->gone)
		memcpy(out, gone, sizeof(gone));
	else if (site->winner || alt_kind_of(site->entry) == ALT_CONSTANT)
		alt_condition_text(out, size, site->winner ? site->winner : site->entry);
	else
		memcpy(out, stays, sizeof(stays));
}

static void record_site(const struct alt_site *site, const char *verdict)
{
	record_begin("alt");
	record_address("site", (uintptr_t)site->address);
	record_symbol("symbol", (uintptr_t)site->address);
	record_u64("len", site->bytes);
	record_string("won", verdict);
	record_u64("depth", site->depth);
	record_hex("before", site->before, site->bytes);
	if (!site->gone)
		record_hex("after", site->after, site->bytes);
	record_end();
}

static void log_hex(const u8 *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		log_text(" %02x", bytes[i]);
}

static void trace_site(const struct alt_site *site, const char *verdict)
{
	char symbol[SYMBOL_TEXT_BYTES];

	symbol_format(symbol, sizeof(symbol), (uintptr_t)site->address);
	log_text("alt: %*s%s (%u bytes): %s:", 2 * site->depth, "", symbol, site->bytes, verdict);
	log_hex(site->before, site->bytes);
	if (!site->gone) {
		log_text(" ->");
		log_hex(site->after, site->bytes);
	}
	log_line("%s", "");
}

struct report {
	bool trace;
	size_t sites;
};

static int report_site(void *context, const struct alt_site *site)
{
	struct report *report = context;
	char verdict[ALT_CONDITION_TEXT_BYTES];

	verdict_text(verdict, sizeof(verdict), site);
	record_site(site, verdict);
	if (report->trace)
		trace_site(site, verdict);
	report->sites++;
	return 0;
}

/* From here until the end of patch_text all code that runs is __early and holds no site. */
static __early int write_site(void *context, const struct alt_site *site)
{
	size_t *changed = context;

	if (site->depth || !memcmp(site->address, site->after, site->bytes))
		return 0;
	arch_text_write(site->address, site->after, site->bytes);
	++*changed;
	return 0;
}

static __early __attribute__((noinline)) int
patch_text(const struct alt_image *image, size_t *changed, struct alt_problem *problem)
{
	int error = alt_plan_visit(image, write_site, changed, problem);

	arch_text_serialize();
	return error;
}

int alternatives_apply(const struct feature_set *features, bool trace, struct text_move *moves,
		       size_t max_moves, size_t *nr_moves)
{
	const struct alt_image image = own_image(features);
	struct report report = { trace, 0 };
	struct alt_problem problem;
	size_t changed = 0;
	int error;

	alt_constants(constants);
	error = alt_plan_check(&image, moves, max_moves, nr_moves, &problem);
	if (!error) /* while all text is as it was linked, and nothing written yet */
		error = alt_plan_visit(&image, report_site, &report, &problem);
	u64 start = arch_clock_ns();
	if (!error)
		error = patch_text(&image, &changed, &problem);
	u64 end = arch_clock_ns();
	if (error) {
		complain(&problem);
		return error;
	}
	record_begin("patch");
	record_u64("sites", report.sites);
	record_u64("changed", changed);
	record_u64("ns", end - start);
	record_end();
	return 0;
}
