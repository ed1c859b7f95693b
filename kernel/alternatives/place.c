/* SPDX-License-Identifier: MIT */
/* The bytes of one site, put in their place within the block around it. PURE. */
#include <arch/text.h>
#include <asm/errno.h>
#include <kernel/alternatives/block.h>
#include <kernel/alternatives/record.h>
#include <quench/string.h>

/* Where code linked at *address runs once the frame's choice is in place; false when the frame
 * does not know. NULL in *why unless it is code that will not be there. */
static bool frame_where(const struct alt_block *block, const struct alt_frame *frame, u64 *address,
			const char **why)
{
	u64 code = *address - (uintptr_t)frame->code, site = *address - (uintptr_t)frame->site;

	if (code <= frame->code_bytes) {
		*address = (uintptr_t)alt_block_address(block) + frame->at + code;
		return true;
	}
	if (site && site < frame->first->site_bytes)
		*why = "a version refers to default code that it replaces";
	return false;
}

/* For text_move_through: code of the sites around moves too. */
static int where(void *context, u64 *address)
{
	struct alt_block *block = context;
	const struct alt_range *versions = &block->image->replacements;

	for (unsigned depth = block->depth + 1; depth-- > 0;) {
		if (frame_where(block, &block->frames[depth], address, &block->why))
			return 0;
		if (block->why)
			return -EINVAL;
	}
	if (*address >= (uintptr_t)versions->start && *address < (uintptr_t)versions->stop) {
		block->why = "a version refers to another that will not be there";
		return -EINVAL;
	}
	return 0;
}

static int place_version(struct alt_block *block, const struct alt_frame *frame)
{
	u8 *out = block->bytes + frame->at;
	size_t n = frame->code_bytes;
	u64 to = (uintptr_t)alt_block_address(block) + frame->at;
	int error = text_move_through(out, frame->code, n, (uintptr_t)frame->code, to, NULL, where,
				      block);

	if (error && !block->why)
		block->why = error == -ERANGE
				     ? "a branch or operand of a version cannot reach from the site"
				     : "a version is not made of whole known instructions";
	if (n < frame->first->site_bytes)
		text_fill_nops(out + n, frame->first->site_bytes - n);
	return error;
}

/* Whether the padding that was linked is single-byte NOPs. */
static bool is_single(const u8 *code, size_t n)
{
	while (n && *code == 0x90)
		code++, n--;
	return !n;
}

static int place_default(struct alt_block *block, const struct alt_frame *frame)
{
	const struct alt_entry *entry = frame->first;
	u8 *out = block->bytes + frame->at;
	size_t n = entry->default_bytes, padding = entry->site_bytes - n;

	/* A nested one came along with the code around it. */
	if (!block->depth)
		memcpy(out, frame->site, n);
	if (!padding)
		return 0;
	text_fill_nops(out + n, padding);
	if (memcmp(out + n, frame->site + n, padding) && !is_single(frame->site + n, padding)) {
		block->why = "what follows the default code is no padding";
		return -EINVAL;
	}
	return 0;
}

/* Whether the value means the same in so many bytes: for a sign-extended one the sign is bit
 * 63's, for any other the bytes cut off are zero. */
static bool constant_fits(u64 value, const struct text_insn *insn)
{
	unsigned bits = insn->immediate_bytes * 8u;

	if (bits == 64)
		return true;
	if (insn->immediate_signed)
		return (value + (UINT64_C(1) << (bits - 1))) >> bits == 0;
	return value >> bits == 0;
}

static int place_constant(struct alt_block *block, const struct alt_frame *frame)
{
	const struct alt_entry *entry = frame->first;
	u64 value = block->image->constants[entry->replacement];
	u8 *out = block->bytes + frame->at;
	struct text_insn insn;

	if (text_insn_decode(&insn, frame->site, entry->site_bytes) ||
	    insn.bytes != entry->site_bytes || !insn.immediate_bytes) {
		block->why = "a runtime constant is for one instruction with an immediate";
		return -EINVAL;
	}
	if (!constant_fits(value, &insn)) {
		block->why = "the runtime constant does not fit the instruction";
		return -ERANGE;
	}
	if (!block->depth)
		memcpy(out, frame->site, entry->site_bytes);
	for (unsigned i = 0; i < insn.immediate_bytes; i++)
		out[insn.immediate_at + i] = (u8)(value >> 8 * i);
	return 0;
}

int alt_block_place(struct alt_block *block)
{
	const struct alt_frame *frame = &block->frames[block->depth];

	if (frame->gone)
		return 0;
	if (alt_kind_of(frame->first) == ALT_CONSTANT)
		return place_constant(block, frame);
	return frame->winner ? place_version(block, frame) : place_default(block, frame);
}
