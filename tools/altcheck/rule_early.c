/* SPDX-License-Identifier: MIT */
/* Rules on code the patcher itself runs: no site in it, nor in what it calls. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* The functions found so far, from early code outwards; the first `done` of them followed. */
struct walk {
	const struct check *check;
	const struct function **functions;
	size_t nr, done;
};

static bool is_early(const struct check *check, const struct function *function)
{
	return range_has(&check->image.early, function->start);
}

static bool has_site(const struct check *check, const struct function *function)
{
	size_t i = sites_from(check, function->start);

	return i < check->nr_good_sites && check->by_root[i]->root < function->end;
}

static void visit(struct walk *walk, const struct function *function)
{
	for (size_t i = 0; i < walk->nr; i++)
		if (walk->functions[i] == function)
			return;
	walk->functions[walk->nr++] = function;
}

static void follow(struct walk *walk, const struct function *from)
{
	const struct check *check = walk->check;

	for (size_t i = code_from(check, from->start);
	     i < check->nr_code && check->code[i].address < from->end; i++) {
		const struct insn *insn = &check->code[i];
		const struct function *to =
			insn->branch_bytes ? code_function(check, insn->target) : NULL;

		if (!to || to == from || is_early(check, to))
			continue;
		if (has_site(check, to))
			report(check, RULE_EARLY_CALL, insn->address,
			       "%s, reached from early code, calls %s, which has sites", from->name,
			       to->name);
		else
			visit(walk, to);
	}
}

void check_early(const struct check *check)
{
	struct walk walk = { .check = check };

	for (size_t i = 0; i < check->nr_good_sites; i++)
		if (range_has(&check->image.early, check->by_root[i]->root))
			report(check, RULE_EARLY_SITE, check->by_root[i]->address,
			       "a site in __start_text_early..__stop_text_early");
	walk.functions = calloc(check->nr_functions + 1, sizeof(*walk.functions));
	if (!walk.functions)
		abort();
	for (size_t i = 0; i < check->nr_functions; i++)
		if (is_early(check, &check->functions[i]))
			visit(&walk, &check->functions[i]);
	while (walk.done < walk.nr)
		follow(&walk, walk.functions[walk.done++]);
	free(walk.functions);
}
