/* SPDX-License-Identifier: MIT */
/* Zydis's formatter with the image's symbols in place of addresses. PURE but for the library. */
#include "disassemble.h"

#include <Zydis/Zydis.h>
#include <stdio.h>

static ZydisFormatterFunc print_absolute;

static const struct symbol *object_at(const struct image *image, u64 address)
{
	for (size_t i = 0; i < image->nr_symbols; i++) {
		const struct symbol *symbol = &image->symbols[i];

		if (address - symbol->address < (symbol->bytes ? symbol->bytes : 1))
			return symbol;
	}
	return NULL;
}

static bool name_address(const struct image *image, u64 address, char *out, size_t size)
{
	bool code = range_has(&image->text, address);
	const struct symbol *symbol =
		code ? image_symbol(image, address) : object_at(image, address);

	if (!symbol)
		return false;
	if (address == symbol->address)
		snprintf(out, size, "%s", symbol->name);
	else
		snprintf(out, size, "%s+0x%lx", symbol->name, address - symbol->address);
	return true;
}

static ZyanStatus append(ZyanString *string, const char *text)
{
	ZyanStringView view;
	ZyanStatus status = ZyanStringViewInsideBuffer(&view, text);

	return ZYAN_SUCCESS(status) ? ZyanStringAppend(string, &view) : status;
}

static ZyanStatus print_name(const ZydisFormatter *formatter, ZydisFormatterBuffer *buffer,
			     ZydisFormatterContext *context)
{
	char name[160];
	ZyanString *string;
	ZyanU64 address;

	if (ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(context->instruction, context->operand,
						  context->runtime_address, &address)) &&
	    name_address(context->user_data, address, name, sizeof(name)) &&
	    ZYAN_SUCCESS(ZydisFormatterBufferAppend(buffer, ZYDIS_TOKEN_SYMBOL)) &&
	    ZYAN_SUCCESS(ZydisFormatterBufferGetString(buffer, &string)))
		return append(string, name);
	return print_absolute(formatter, buffer, context);
}

static bool make_formatter(ZydisFormatter *formatter)
{
	ZydisFormatterFunc hook = print_name;

	if (!ZYAN_SUCCESS(ZydisFormatterInit(formatter, ZYDIS_FORMATTER_STYLE_INTEL)) ||
	    !ZYAN_SUCCESS(ZydisFormatterSetHook(formatter, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS,
						(const void **)&hook)))
		return false;
	print_absolute = hook;
	ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
	return true;
}

size_t disassemble(const struct image *image, const u8 *code, size_t n, u64 address, char *out,
		   size_t size)
{
	static ZydisFormatter formatter;
	static ZydisDecoder decoder;
	static bool ready;
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	if (!ready)
		ready = make_formatter(&formatter) &&
			ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
						      ZYDIS_STACK_WIDTH_64));
	if (!ready || !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, n, &insn, operands))) {
		snprintf(out, size, "db 0x%02x", code[0]);
		return 1;
	}
	/* What a NOP does not do to its operands is nobody's concern. */
	if (insn.mnemonic == ZYDIS_MNEMONIC_NOP ||
	    !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &insn, operands,
							  insn.operand_count_visible, out, size,
							  address, (void *)(uintptr_t)image)))
		snprintf(out, size, "%s", ZydisMnemonicGetString(insn.mnemonic));
	return insn.length;
}
