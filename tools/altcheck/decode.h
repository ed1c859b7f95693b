/* SPDX-License-Identifier: MIT */
/*
 * One instruction, as far as the rules ask. Decoded by Zydis, whose versions this hides; on
 * purpose not by arch/x86_64/patch, which altcheck judges.
 */
#pragma once

#include <quench/types.h>

enum flow_kind {
	FLOW_NEXT,
	FLOW_BRANCH, /* conditional, direct */
	FLOW_JUMP,
	FLOW_JUMP_INDIRECT,
	FLOW_CALL,
	FLOW_CALL_INDIRECT,
	FLOW_RETURN,
	FLOW_LEAVE, /* iretq, sysret: to where other flags hold */
	FLOW_STOP,  /* ud2 */
};

enum effect {
	EFFECT_NONE,
	EFFECT_STAC,
	EFFECT_CLAC,
	EFFECT_STD,
	EFFECT_CLD,
	EFFECT_PUSHF,
	EFFECT_POPF,
};

/* General registers by their number in the instruction set; a set of them is a bit mask. */
enum {
	REG_RAX,
	REG_RCX,
	REG_RDX,
	REG_RBX,
	REG_RSP,
	REG_RBP,
	REG_RSI,
	REG_RDI,
	REG_R8,
	REG_NONE = 16
};
#define REG_BIT(reg) (1u << (reg))

struct memory_operand {
	u8 base, index; /* REG_NONE: none, or RIP */
	bool write;
};

#define MAX_MEMORY_OPERANDS 3

struct insn {
	u64 address;
	u64 target;  /* of a direct branch */
	u64 operand; /* what a RIP-relative operand names; 0: there is none */
	u8 bytes;
	u8 flow, effect;
	u8 branch_bytes;     /* displacement of a direct branch: 1, 2 or 4; 0: no branch */
	u8 immediate_offset; /* of the last immediate, when it ends the instruction */
	u8 immediate_bytes;  /* 0: it has none there */
	u8 nr_immediates;
	u8 nr_memory;
	struct memory_operand memory[MAX_MEMORY_OPERANDS];
	u16 reads, writes; /* general registers; not those that only make an address */
	bool nop;
	bool string;           /* movs, stos, ...: pointers advance, each keeping its kind */
	bool clears;           /* xor r,r and the like: what was there does not matter */
	bool address_only;     /* lea: the memory operand is the source, and is not touched */
	bool traps;            /* can raise #GP without touching memory (rdmsr, ...) */
	bool redundant_prefix; /* a string instruction with a prefix that does nothing */
};

/* Decodes the instruction at `code`, which runs at `address`. False: no whole instruction. */
bool decode(struct insn *insn, const u8 *code, size_t available, u64 address);
