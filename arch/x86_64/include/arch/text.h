/* SPDX-License-Identifier: MIT */
/*
 * The instruction set's side of patching: facts about instructions (PURE, arch/x86_64/patch/)
 * and writing into the kernel's own text.
 */
#pragma once

#include <quench/types.h>

/*
 * One 64-bit-mode instruction: its length and the fields that patching is about. Offsets are in
 * bytes from the first prefix; a field of 0 bytes is not there.
 */
struct text_insn {
	u8 bytes;
	u8 branch_at, branch_bytes;       /* displacement of a relative jump or call: 1 or 4 */
	u8 rip_at, rip_bytes;             /* displacement of a RIP-relative operand: 4 */
	u8 immediate_at, immediate_bytes; /* the last immediate: 1, 2, 4 or 8 */
	bool immediate_signed;            /* it is sign-extended to a wider operand */
};

/*
 * Decodes the instruction at `code`, at most `available` bytes of which may be read. PURE. 0, or
 * -EINVAL when they are no whole known instruction, or one that code of a kernel never has: a near
 * branch with prefix 66 (its length hangs on the vendor), an EIP-relative operand. SDM volume 2,
 * "Instruction Format" and "Opcode Map"; APM volume 3, "Instruction Encoding". Undefined opcodes
 * are known where their form is that of their neighbours.
 */
int text_insn_decode(struct text_insn *insn, const u8 *code, size_t available);
/* Its length alone, 0 in place of an error. PURE. */
size_t text_insn_bytes(const u8 *code, size_t available);

/* Fills n bytes with as few of the recommended multi-byte NOPs as it can. PURE.
 * SDM volume 2, "NOP—No Operation", table "Recommended Multi-Byte Sequence of NOP Instruction". */
void text_fill_nops(u8 *out, size_t n);

/*
 * Copies n bytes of code from `code`, which stands at address `from`, into `out` such that they
 * do the same at address `to`: branches and RIP-relative operands that leave the n bytes are
 * corrected, those that stay inside are left alone. The address right after the n bytes is
 * inside: it is where a branch to the end goes. PURE. Returns 0, or -EINVAL for bytes that
 * are no whole instructions, -ERANGE for a displacement that cannot reach (a rel8 that leaves,
 * or more than 2 GiB), with the offset of the instruction in *bad if not NULL.
 */
int text_move(u8 *out, const u8 *code, size_t n, u64 from, u64 to, size_t *bad);

/*
 * The same where what the code refers to may have moved as well: `where` is called with every
 * address outside the n bytes and puts the new one in its place, or returns a negative errno,
 * which ends the move.
 */
typedef int (*text_where_fn)(void *context, u64 *address);
int text_move_through(u8 *out, const u8 *code, size_t n, u64 from, u64 to, size_t *bad,
		      text_where_fn where, void *context);

/* Puts n bytes at `site` in the kernel's text: with CR0.WP still 0, interrupts off. Boot only,
 * __early. text_serialize after the last write and before anything written is run.
 * SDM volume 3, "Handling Self- and Cross-Modifying Code". */
void arch_text_write(void *site, const u8 *bytes, size_t n);
void arch_text_serialize(void);
