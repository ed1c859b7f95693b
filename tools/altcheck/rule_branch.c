/* SPDX-License-Identifier: MIT */
/* Rules on direct branches: they reach instructions, and no site but at its start. */
#include "check.h"

static void check_branch(const struct check *check, const struct insn *insn)
{
	const struct image *image = &check->image;
	const struct extent *version = extent_version(check, insn->address);
	char place[320];

	if (version && insn->branch_bytes < 4 &&
	    (insn->target < version->start || insn->target >= version->end))
		return; /* a matter of rule movable: where it goes now means nothing */
	if (extent_own_end(check, insn->address, insn->target) != NO_EXTENT)
		return;
	place_name(check, insn->target, place, sizeof(place));
	if (!range_has(&image->text, insn->target) && !range_has(&image->versions, insn->target))
		report(check, RULE_BRANCH_TARGET, insn->address,
		       "the branch goes to %s, which is not in text", place);
	else if (!extent_reaches(check, insn->address, insn->target))
		report(check, RULE_BRANCH_INTO_SITE, insn->address,
		       "the branch goes to %s, in the middle of code that patching takes away",
		       place);
	else if (range_has(&image->versions, insn->target) && !extent_version(check, insn->target))
		report(check, RULE_BRANCH_TARGET, insn->address,
		       "the branch goes to %s, among the versions but in none", place);
	else if (!code_at(check, insn->target))
		report(check, RULE_BRANCH_TARGET, insn->address,
		       "the branch goes to %s, where no instruction starts", place);
}

void check_branches(const struct check *check)
{
	for (size_t i = 0; i < check->nr_code; i++)
		if (check->code[i].branch_bytes)
			check_branch(check, &check->code[i]);
}
