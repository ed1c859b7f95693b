/* SPDX-License-Identifier: MIT */
/* Zydis's view of an instruction, reduced to struct insn. PURE but for the library. */
#include "decode.h"

#include <Zydis/Zydis.h>
#include <string.h>

_Static_assert(ZYDIS_VERSION >= 0x0004000000000000, "Debian 12 has Zydis 4.0, Debian 13 4.1");

static u8 number_of(ZydisRegister reg)
{
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15)
		return REG_NONE;
	return (u8)(whole - ZYDIS_REGISTER_RAX);
}

static u8 flow_of(const ZydisDecodedInstruction *zi, const ZydisDecodedOperand *operand)
{
	bool direct = zi->operand_count && operand[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
		      operand[0].imm.is_relative;

	switch (zi->mnemonic) {
	case ZYDIS_MNEMONIC_IRET:
	case ZYDIS_MNEMONIC_IRETD:
	case ZYDIS_MNEMONIC_IRETQ:
	case ZYDIS_MNEMONIC_SYSRET:
	case ZYDIS_MNEMONIC_SYSEXIT:
		return FLOW_LEAVE;
	case ZYDIS_MNEMONIC_UD2:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD0:
		return FLOW_STOP;
	default:
		break;
	}
	switch (zi->meta.category) {
	case ZYDIS_CATEGORY_RET:
		return FLOW_RETURN;
	case ZYDIS_CATEGORY_CALL:
		return direct ? FLOW_CALL : FLOW_CALL_INDIRECT;
	case ZYDIS_CATEGORY_UNCOND_BR:
		return direct ? FLOW_JUMP : FLOW_JUMP_INDIRECT;
	case ZYDIS_CATEGORY_COND_BR:
		return FLOW_BRANCH;
	default:
		return FLOW_NEXT;
	}
}

static u8 effect_of(ZydisMnemonic mnemonic)
{
	switch (mnemonic) {
	case ZYDIS_MNEMONIC_STAC:
		return EFFECT_STAC;
	case ZYDIS_MNEMONIC_CLAC:
		return EFFECT_CLAC;
	case ZYDIS_MNEMONIC_STD:
		return EFFECT_STD;
	case ZYDIS_MNEMONIC_CLD:
		return EFFECT_CLD;
	case ZYDIS_MNEMONIC_PUSHF:
	case ZYDIS_MNEMONIC_PUSHFD:
	case ZYDIS_MNEMONIC_PUSHFQ:
		return EFFECT_PUSHF;
	case ZYDIS_MNEMONIC_POPF:
	case ZYDIS_MNEMONIC_POPFD:
	case ZYDIS_MNEMONIC_POPFQ:
		return EFFECT_POPF;
	default:
		return EFFECT_NONE;
	}
}

/* Instructions without a memory operand for which on_fault makes sense. SDM volume 2, the sections
 * "64-Bit Mode Exceptions" of each. */
static bool traps(const ZydisDecodedInstruction *zi, const ZydisDecodedOperand *operand)
{
	switch (zi->mnemonic) {
	case ZYDIS_MNEMONIC_RDMSR:
	case ZYDIS_MNEMONIC_WRMSR:
	case ZYDIS_MNEMONIC_XSETBV:
	case ZYDIS_MNEMONIC_XGETBV:
	case ZYDIS_MNEMONIC_RDPMC:
	case ZYDIS_MNEMONIC_RDTSC:
	case ZYDIS_MNEMONIC_RDTSCP:
	case ZYDIS_MNEMONIC_WRFSBASE:
	case ZYDIS_MNEMONIC_WRGSBASE:
	case ZYDIS_MNEMONIC_LTR:
	case ZYDIS_MNEMONIC_LLDT:
		return true;
	case ZYDIS_MNEMONIC_MOV:
		for (unsigned i = 0; i < zi->operand_count_visible; i++) {
			if (operand[i].type != ZYDIS_OPERAND_TYPE_REGISTER)
				continue;
			ZydisRegisterClass class = ZydisRegisterGetClass(operand[i].reg.value);

			if (class == ZYDIS_REGCLASS_CONTROL || class == ZYDIS_REGCLASS_DEBUG ||
			    class == ZYDIS_REGCLASS_SEGMENT)
				return true;
		}
		return false;
	default:
		return false;
	}
}

static bool is_prefetch(ZydisMnemonic mnemonic)
{
	const char *name = ZydisMnemonicGetString(mnemonic);

	return name && !strncmp(name, "prefetch", 8);
}

static void add_memory(struct insn *insn, const ZydisDecodedInstruction *zi,
		       const ZydisDecodedOperand *operand)
{
	if (operand->mem.base == ZYDIS_REGISTER_RIP)
		insn->operand = insn->address + zi->length + (u64)operand->mem.disp.value;
	if (operand->mem.type == ZYDIS_MEMOP_TYPE_AGEN) {
		insn->address_only = true;
		for (unsigned i = 0; i < 2; i++) {
			u8 reg = number_of(i ? operand->mem.index : operand->mem.base);

			if (reg != REG_NONE)
				insn->reads |= REG_BIT(reg);
		}
		return;
	}
	if (insn->nop || is_prefetch(zi->mnemonic) || insn->nr_memory == MAX_MEMORY_OPERANDS)
		return;
	insn->memory[insn->nr_memory++] = (struct memory_operand){
		.base = number_of(operand->mem.base),
		.index = number_of(operand->mem.index),
		.write = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE,
	};
}

static void add_register(struct insn *insn, const ZydisDecodedOperand *operand)
{
	u8 reg = number_of(operand->reg.value);

	if (reg == REG_NONE || reg == REG_RSP)
		return;
	if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		insn->reads |= REG_BIT(reg);
	if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		insn->writes |= REG_BIT(reg);
	/* A conditional move, or one of a byte, keeps some of what was there. */
	if (operand->actions & ZYDIS_OPERAND_ACTION_CONDWRITE)
		insn->reads |= REG_BIT(reg);
}

static bool clears_register(const ZydisDecodedInstruction *zi, const ZydisDecodedOperand *operand)
{
	return (zi->mnemonic == ZYDIS_MNEMONIC_XOR || zi->mnemonic == ZYDIS_MNEMONIC_SUB ||
		zi->mnemonic == ZYDIS_MNEMONIC_SBB) &&
	       operand[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       operand[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       operand[0].reg.value == operand[1].reg.value;
}

static void note_immediates(struct insn *insn, const ZydisDecodedInstruction *zi)
{
	for (unsigned i = 0; i < 2; i++) {
		unsigned bytes = zi->raw.imm[i].size / 8;

		if (!bytes)
			continue;
		if (zi->raw.imm[i].is_relative) {
			insn->branch_bytes = (u8)bytes;
			continue;
		}
		insn->nr_immediates++;
		if (zi->raw.imm[i].offset + bytes == zi->length) {
			insn->immediate_offset = zi->raw.imm[i].offset;
			insn->immediate_bytes = (u8)bytes;
		}
	}
}

/* Prefixes that Zydis finds without effect, and a REX that only repeats the default. */
static bool has_redundant_prefix(const ZydisDecodedInstruction *zi)
{
	for (unsigned i = 0; i < zi->raw.prefix_count; i++) {
		if (zi->raw.prefixes[i].type == ZYDIS_PREFIX_TYPE_IGNORED)
			return true;
		if ((zi->raw.prefixes[i].value & 0xf0) == 0x40 && !zi->raw.rex.W)
			return true;
	}
	return false;
}

bool decode(struct insn *insn, const u8 *code, size_t available, u64 address)
{
	static ZydisDecoder decoder;
	static bool ready;
	ZydisDecodedInstruction zi;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	if (!ready)
		ready = ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
						      ZYDIS_STACK_WIDTH_64));
	if (!ready ||
	    !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, available, &zi, operands)))
		return false;
	*insn = (struct insn){ .address = address, .bytes = zi.length };
	insn->nop = zi.mnemonic == ZYDIS_MNEMONIC_NOP;
	insn->flow = flow_of(&zi, operands);
	insn->effect = effect_of(zi.mnemonic);
	insn->string = zi.meta.category == ZYDIS_CATEGORY_STRINGOP;
	insn->traps = traps(&zi, operands);
	insn->clears = clears_register(&zi, operands);
	insn->redundant_prefix = insn->string && has_redundant_prefix(&zi);
	note_immediates(insn, &zi);
	for (unsigned i = 0; i < zi.operand_count; i++) {
		if (operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			add_memory(insn, &zi, &operands[i]);
		else if (operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER)
			add_register(insn, &operands[i]);
	}
	if (insn->branch_bytes)
		insn->target = address + zi.length + (u64)operands[0].imm.value.s;
	return true;
}
