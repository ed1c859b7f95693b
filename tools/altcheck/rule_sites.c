/* SPDX-License-Identifier: MIT */
/* Rules on the code of sites and versions: whole instructions, padding, moving, prefixes, and the
 * instructions that take runtime constants. */
#include "check.h"

#include <string.h>

/* Bits a constant's value needs; a constant that is not listed may have any. */
static const struct {
	const char *name;
	unsigned bytes;
} constant_bytes[] = {
	{ "USER_LIMIT", 8 }, /* 2^47 less a page */
};

/* An instruction starts at `address`, or code ends there. */
static bool is_boundary(const struct check *check, u64 address)
{
	size_t i = code_from(check, address);

	return (i < check->nr_code && check->code[i].address == address) ||
	       (i && check->code[i - 1].address + check->code[i - 1].bytes == address);
}

static void check_boundaries(const struct check *check, const struct site *site)
{
	const struct function *function = code_function(check, site->root);

	if (!is_boundary(check, site->address))
		report(check, RULE_WHOLE_INSTRUCTIONS, site->address,
		       "the site starts within an instruction");
	else if (!is_boundary(check, site->address + site->default_bytes))
		report(check, RULE_WHOLE_INSTRUCTIONS, site->address,
		       "the default code ends within an instruction");
	else if (!is_boundary(check, site->address + site->bytes))
		report(check, RULE_WHOLE_INSTRUCTIONS, site->address,
		       "the site ends within an instruction");
	else if (site->depth == 1 && (!function || site->address + site->bytes > function->end))
		report(check, RULE_WHOLE_INSTRUCTIONS, site->address,
		       "the site reaches beyond its function");
}

/* SDM volume 2, "NOP—No Operation", table "Recommended Multi-Byte Sequence of NOP Instruction". */
static const u8 recommended[10][9] = {
	[1] = { 0x90 },
	[2] = { 0x66, 0x90 },
	[3] = { 0x0f, 0x1f, 0x00 },
	[4] = { 0x0f, 0x1f, 0x40, 0x00 },
	[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	[6] = { 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	[7] = { 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
	[8] = { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
	[9] = { 0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
};

/* The assembler of C knows no lengths in time and pads with single bytes; the patcher makes the
 * recommended ones of them. */
static bool is_padding(const u8 *code, size_t n)
{
	bool single = true, fewest = true;

	for (size_t i = 0; i < n; i++)
		single &= code[i] == 0x90;
	while (n && fewest) {
		size_t chunk = n < 9 ? n : 9;

		fewest = !memcmp(code, recommended[chunk], chunk);
		code += chunk;
		n -= chunk;
	}
	return single || fewest;
}

static void check_padding(const struct check *check, const struct site *site)
{
	u64 at = site->address + site->default_bytes;
	size_t bytes = site->bytes - site->default_bytes;

	if (!is_padding(image_bytes(&check->image, at, bytes), bytes))
		report(check, RULE_PADDING, at,
		       "the %zu bytes after the default code are not the fewest recommended NOPs",
		       bytes);
}

/* One instruction of a version. */
static void check_move(const struct check *check, const struct extent *version,
		       const struct insn *insn)
{
	u64 end = extent_final(check, insn->address) + insn->bytes;
	bool leaves = insn->branch_bytes &&
		      (insn->target < version->start || insn->target > version->end);

	if (leaves && insn->branch_bytes < 4)
		report(check, RULE_MOVABLE, insn->address,
		       "a branch with %u displacement bits leaves the version",
		       8 * insn->branch_bytes);
	else if (leaves && (s64)(insn->target - end) != (s32)(insn->target - end))
		report(check, RULE_MOVABLE, insn->address,
		       "the branch target is out of reach from the site");
	if (!insn->operand)
		return;
	if ((s64)(insn->operand - end) != (s32)(insn->operand - end))
		report(check, RULE_MOVABLE, insn->address,
		       "the RIP-relative operand is out of reach from the site");
	else if (!extent_reaches(check, insn->address, insn->operand) &&
		 extent_own_end(check, insn->address, insn->operand) == NO_EXTENT)
		report(check, RULE_MOVABLE, insn->address,
		       "the RIP-relative operand is code that patching takes away");
}

void check_sites(const struct check *check)
{
	for (size_t i = 0; i < check->nr_good_sites; i++) {
		check_boundaries(check, check->by_address[i]);
		check_padding(check, check->by_address[i]);
	}
	for (size_t i = 0; i < check->nr_extents; i++) {
		const struct extent *version = &check->extents[i];

		if (version->kind != EXTENT_VERSION)
			continue;
		for (size_t k = code_from(check, version->start);
		     k < check->nr_code && check->code[k].address < version->end; k++)
			check_move(check, version, &check->code[k]);
	}
}

static unsigned bytes_needed(unsigned constant)
{
	for (size_t i = 0; i < ARRAY_SIZE(constant_bytes); i++)
		if (!strcmp(constant_bytes[i].name, alt_constant_name(constant)))
			return constant_bytes[i].bytes;
	return 1;
}

/* The first thing wrong with the instruction that takes the constant, or NULL. */
static const char *constant_fault(const struct check *check, const struct site *site,
				  const struct alt_entry *raw)
{
	const struct insn *insn = code_at(check, site->address);
	u64 immediate = 0;

	if ((u32)raw->replacement >= NR_ALT_CONSTANTS)
		return "is of no constant of asm/constants.def";
	if (raw->replacement_bytes || raw->nr_terms)
		return "of a constant has a version or a condition";
	if (raw->default_bytes != raw->site_bytes)
		return "of a constant has padding";
	if (!insn || insn->bytes != site->bytes)
		return "of a constant is not one whole instruction";
	if (!insn->immediate_bytes || insn->nr_immediates != 1 || insn->branch_bytes)
		return "of a constant is on an instruction that does not end in an immediate";
	if (insn->immediate_bytes < bytes_needed((u32)raw->replacement))
		return "of a constant is on an instruction whose immediate is too narrow for it";
	memcpy(&immediate,
	       image_bytes(&check->image, site->address + insn->immediate_offset,
			   insn->immediate_bytes),
	       insn->immediate_bytes);
	return immediate ? "of a constant is on an instruction whose immediate is not 0" : NULL;
}

void check_constants(const struct check *check)
{
	for (size_t i = 0; i < check->nr_good_sites; i++) {
		const struct site *site = check->by_address[i];
		const char *fault;

		if (!site->constant)
			continue;
		fault = constant_fault(check, site, &check->records[site->first].raw);
		if (fault)
			report(check, RULE_CONSTANT, site->address, "record %u %s", site->first,
			       fault);
	}
}

void check_prefixes(const struct check *check)
{
	for (size_t i = 0; i < check->nr_code; i++)
		if (check->code[i].redundant_prefix)
			report(check, RULE_REDUNDANT_PREFIX, check->code[i].address,
			       "a string instruction with a prefix that has no effect");
}
