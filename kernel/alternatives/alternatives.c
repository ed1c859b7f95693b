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

static struct alt_image own_image(const struct feature_set *features)
{
	return (struct alt_image){
		.entries = __start_altinstructions,
		.nr_entries = (size_t)(__stop_altinstructions - __start_altinstructions),
		.text = { __start_text, __stop_text },
		.early = { __start_text_early, __stop_text_early },
		.replacements = { __start_altinstr_replacement, __stop_altinstr_replacement },
		.features = features,
		.constants = arch_cpu_report()->constants,
	};
}

struct alt_plan alternatives_room(void)
{
	size_t n = (size_t)(__stop_altinstructions - __start_altinstructions);

	return (struct alt_plan){
		.max_moves = alt_plan_max_moves(n),
		.max_bytes = alt_plan_max_bytes(__start_altinstructions, n),
	};
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

static int report_site(void *context, const struct alt_site *site)
{
	const enum alternatives_report *how = context;
	char verdict[ALT_CONDITION_TEXT_BYTES];

	verdict_text(verdict, sizeof(verdict), site);
	record_site(site, verdict);
	if (*how == ALTERNATIVES_TRACE)
		trace_site(site, verdict);
	return 0;
}

/* All code that runs from the first write to the serialising is __early and holds no site. */
static __early __attribute__((noinline)) size_t write_text(const struct alt_image *image,
							   const struct alt_plan *plan)
{
	size_t changed = alt_plan_write(image, plan, arch_text_write);

	arch_text_serialize();
	return changed;
}

int alternatives_apply(const struct feature_set *features, enum alternatives_report how,
		       struct alt_plan *plan)
{
	const struct alt_image image = own_image(features);
	struct alt_problem problem;
	u64 ns, tsc = arch_tsc();
	size_t changed;
	int error = alt_plan_make(&image, plan, &problem);

	tsc = arch_tsc() - tsc;
	if (!error && how != ALTERNATIVES_QUIET) /* while all text is as it was linked */
		error = alt_plan_visit(&image, report_site, &how, &problem);
	if (error) {
		complain(&problem);
		return error;
	}
	ns = arch_clock_ns();
	tsc -= arch_tsc();
	changed = write_text(&image, plan);
	tsc += arch_tsc();
	ns = arch_clock_ns() - ns;
	record_begin("patch");
	record_u64("sites", plan->nr_sites);
	record_u64("changed", changed);
	record_u64("ns", ns);
	record_u64("tsc", tsc);
	record_end();
	return 0;
}
