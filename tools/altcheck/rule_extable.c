/* SPDX-License-Identifier: MIT */
/* Rules on exception table entries, each by itself: instruction, kind, fixup, duplicates. */
#include "check.h"

static bool in_code(const struct check *check, u64 address)
{
	return range_has(&check->image.text, address) || extent_version(check, address);
}

/* An instruction that stays or travels: not padding, which no one wrote. */
static bool check_insn(const struct check *check, const struct entry *entry)
{
	int extent = extent_of(check, entry->insn);

	if (!in_code(check, entry->insn))
		report(check, RULE_EXTABLE_INSN, entry->insn,
		       "the entry at 0x%lx covers nothing in text or a version", entry->at);
	else if (!code_at(check, entry->insn))
		report(check, RULE_EXTABLE_INSN, entry->insn,
		       "the entry at 0x%lx covers the middle of an instruction", entry->at);
	else if (extent != NO_EXTENT && check->extents[extent].kind == EXTENT_SITE)
		report(check, RULE_EXTABLE_INSN, entry->insn,
		       "the entry at 0x%lx covers the padding of a site", entry->at);
	else
		return true;
	return false;
}

static bool writes_memory(const struct insn *insn)
{
	for (unsigned i = 0; i < insn->nr_memory; i++)
		if (insn->memory[i].write)
			return true;
	return false;
}

static void check_kind(const struct check *check, const struct entry *entry)
{
	const struct insn *insn = code_at(check, entry->insn);

	if (entry->type < 0 || entry->type >= NR_EXTABLE_TYPES)
		report(check, RULE_EXTABLE_KIND, entry->insn, "the entry at 0x%lx has type %d",
		       entry->at, entry->type);
	else if (entry->type == EXTABLE_PROBE && !writes_memory(insn))
		report(check, RULE_EXTABLE_KIND, entry->insn,
		       "the entry at 0x%lx is a probe, and covers no store", entry->at);
	else if (!insn->nr_memory && !insn->traps)
		report(check, RULE_EXTABLE_KIND, entry->insn,
		       "the entry at 0x%lx covers an instruction that touches no memory",
		       entry->at);
}

/* Whether the fixup is there whenever the instruction is. The end of a version is no fixup: it does
 * not travel with the version. */
static bool fixup_stays(const struct check *check, const struct entry *entry)
{
	int own_end = extent_own_end(check, entry->insn, entry->fixup);

	if (own_end != NO_EXTENT)
		return check->extents[own_end].kind == EXTENT_DEFAULT;
	return extent_reaches(check, entry->insn, entry->fixup);
}

static void check_fixup(const struct check *check, const struct entry *entry)
{
	char place[320];

	place_name(check, entry->fixup, place, sizeof(place));
	if (!in_code(check, entry->fixup))
		report(check, RULE_EXTABLE_FIXUP, entry->insn, "the fixup %s is not in text",
		       place);
	else if (!code_at(check, entry->fixup))
		report(check, RULE_EXTABLE_FIXUP, entry->insn,
		       "the fixup %s is the middle of an instruction", place);
	else if (!fixup_stays(check, entry))
		report(check, RULE_EXTABLE_FIXUP, entry->insn,
		       "the fixup %s is in code that patching may take away", place);
	else if (entry->fixup == entry->insn)
		report(check, RULE_EXTABLE_FIXUP, entry->insn,
		       "the fixup is the instruction itself, which would fault for ever");
}

void check_extable(const struct check *check)
{
	for (size_t i = 0; i < check->nr_entries; i++) {
		const struct entry *entry = &check->entries[i];

		if (!check_insn(check, entry))
			continue;
		check_kind(check, entry);
		check_fixup(check, entry);
		if (i && entry[-1].insn == entry->insn)
			report(check, RULE_EXTABLE_DUPLICATE, entry->insn,
			       "the entries at 0x%lx and 0x%lx cover one instruction", entry[-1].at,
			       entry->at);
	}
}
