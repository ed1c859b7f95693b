/* SPDX-License-Identifier: MIT */
/*
 * The instruction set's side of patching: facts about instructions (PURE, arch/x86_64/patch/)
 * and writing into the kernel's own text.
 */
#pragma once

#include <quench/types.h>

/*
 * Length in bytes of the 64-bit-mode instruction at `code`, at most `available` bytes of which
 * may be read; 0 when they are no whole known instruction. PURE.
 * SDM volume 2, "Instruction Format" and "Opcode Map".
 */
size_t text_insn_bytes(const u8 *code, size_t available);

/* Fills n bytes with as few of the recommended multi-byte NOPs as it can. PURE.
 * SDM volume 2, "NOP—No Operation", table "Recommended Multi-Byte Sequence of NOP Instruction". */
void text_fill_nops(u8 *out, size_t n);

/*
 * Copies n bytes of code from `code`, which stands at address `from`, into `out` such that they
 * do the same at address `to`: branches and RIP-relative operands that leave the n bytes are
 * corrected, those that stay inside are left alone. PURE. Returns 0, or -EINVAL for bytes that
 * are no whole instructions, -ERANGE for a displacement that cannot reach (a rel8 that leaves,
 * or more than 2 GiB), with the offset of the instruction in *bad if not NULL.
 */
int text_move(u8 *out, const u8 *code, size_t n, u64 from, u64 to, size_t *bad);

/* Puts n bytes at `site` in the kernel's text: with CR0.WP still 0, interrupts off. Boot only,
 * __early. text_serialize after the last write and before anything written is run.
 * SDM volume 3, "Handling Self- and Cross-Modifying Code". */
void arch_text_write(void *site, const u8 *bytes, size_t n);
void arch_text_serialize(void);
