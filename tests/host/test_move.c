/* SPDX-License-Identifier: MIT */
/* Moved code refers to the same addresses: by Zydis, for every instruction with an address. */
#include <Zydis/Zydis.h>
#include <arch/text.h>
#include <asm/errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static ZydisDecoder zydis;

static u64 noise(void)
{
	static u64 state = 0x2545f4914f6cdd1d;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* The address an instruction refers to: of its branch or its RIP-relative operand; false: none. */
static bool reference(const u8 *code, u64 address, ZydisDecodedInstruction *insn, u64 *target)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	assert_true(ZYAN_SUCCESS(ZydisDecoderDecodeFull(&zydis, code, 15, insn, operands)));
	for (unsigned i = 0; i < insn->operand_count; i++) {
		const ZydisDecodedOperand *operand = &operands[i];
		bool branch =
			operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operand->imm.is_relative;
		bool rip = operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
			   operand->mem.base == ZYDIS_REGISTER_RIP;

		if (branch || rip)
			return ZYAN_SUCCESS(
				ZydisCalcAbsoluteAddress(insn, operand, address, target));
	}
	return false;
}

struct piece {
	const char *code;
	u8 bytes, field, field_bytes;
};
#define PIECE(text, field, bytes)                    \
	{                                            \
		text, sizeof(text) - 1, field, bytes \
	}

/* Instructions with and without addresses; the address fields take random values. */
static const struct piece pieces[] = {
	PIECE("\xe8\0\0\0\0", 1, 4),                     /* call */
	PIECE("\xe9\0\0\0\0", 1, 4),                     /* jmp */
	PIECE("\x0f\x85\0\0\0\0", 2, 4),                 /* jnz */
	PIECE("\x3e\x0f\x84\0\0\0\0", 3, 4),             /* jz, hinted */
	PIECE("\xc7\xf8\0\0\0\0", 2, 4),                 /* xbegin */
	PIECE("\x48\x8d\x05\0\0\0\0", 3, 4),             /* lea rax, [rip+] */
	PIECE("\x48\x81\x3d\0\0\0\0\1\2\3\4", 3, 4),     /* cmp qword [rip+], imm32 */
	PIECE("\xf6\x05\0\0\0\0\7", 2, 4),               /* test byte [rip+], imm8 */
	PIECE("\xff\x15\0\0\0\0", 2, 4),                 /* call [rip+] */
	PIECE("\x0f\xba\x25\0\0\0\0\3", 3, 4),           /* bt dword [rip+], imm8 */
	PIECE("\xc5\xfe\x6f\x05\0\0\0\0", 4, 4),         /* vmovdqu ymm0, [rip+] */
	PIECE("\x62\xf1\xfe\x48\x6f\x05\0\0\0\0", 6, 4), /* vmovdqu64 zmm0, [rip+] */
	PIECE("\x66\x0f\x3a\x0f\x05\0\0\0\0\5", 5, 4),   /* palignr xmm0, [rip+], imm8 */
	PIECE("\x48\xb8\1\2\3\4\5\6\7\x08", 0, 0),       /* mov rax, imm64 */
	PIECE("\xf3\xa4", 0, 0),                         /* rep movsb */
	PIECE("\x8b\x45\x08", 0, 0),                     /* mov eax, [rbp+8] */
	PIECE("\x8b\x04\x25\1\2\3\4", 0, 0),             /* mov eax, [abs32] */
};

#define CODE_MAX 255

/* Code of random pieces, at most CODE_MAX bytes, whose fields lead nearby or far. */
static size_t make_code(u8 *code)
{
	size_t n = 0, count = noise() % 20;

	while (count--) {
		const struct piece *piece = &pieces[noise() % ARRAY_SIZE(pieces)];
		s32 value = noise() & 1 ? (s32)(noise() % 512) - 256 : (s32)noise() / 4;

		if (n + piece->bytes > CODE_MAX)
			break;
		memcpy(code + n, piece->code, piece->bytes);
		if (piece->field_bytes)
			memcpy(code + n + piece->field, &value, 4);
		n += piece->bytes;
	}
	return n;
}

static void judge(const u8 *out, const u8 *code, size_t n, u64 from, u64 to)
{
	ZydisDecodedInstruction before, after;

	for (size_t at = 0; at < n; at += before.length) {
		u64 old = 0, new = 0;
		bool has = reference(code + at, from + at, &before, &old);

		assert_int_equal(reference(out + at, to + at, &after, &new), has);
		assert_int_equal(before.length, after.length);
		assert_int_equal(before.mnemonic, after.mnemonic);
		if (has && old - from <= n)
			assert_int_equal(new - to, old - from);
		else if (has)
			assert_int_equal(new, old);
	}
}

static void test_same_targets(void **state)
{
	u8 code[CODE_MAX + 15] = { 0 }, out[CODE_MAX + 15] = { 0 };

	for (unsigned i = 0; i < 20000; i++) {
		size_t n = make_code(code);
		u64 from = 0xffffffff80000000 + noise() % 0x10000000;
		u64 to = 0xffffffff80000000 + noise() % 0x10000000;

		assert_int_equal(text_move(out, code, n, from, to, NULL), 0);
		judge(out, code, n, from, to);
	}
}

/* There and back again are the same bytes. */
static void test_round_trip(void **state)
{
	u8 code[CODE_MAX], out[CODE_MAX], back[CODE_MAX];

	for (unsigned i = 0; i < 20000; i++) {
		size_t n = make_code(code);
		u64 from = noise(), to = from + noise() % 0x20000000;

		assert_int_equal(text_move(out, code, n, from, to, NULL), 0);
		assert_int_equal(text_move(back, out, n, to, from, NULL), 0);
		assert_memory_equal(back, code, n);
	}
}

/* Two neighbours of a site: within reach by one byte, out of reach by one. */
static void test_reach(void **state)
{
	u8 out[8];
	size_t bad = 99;
	const u8 call[] = { 0x90, 0xe8, 0xff, 0xff, 0xff, 0x7f };
	const u8 back[] = { 0xe9, 0x00, 0x00, 0x00, 0x80 };
	const u8 jz8[] = { 0x90, 0x90, 0x74, 0x10 };

	assert_int_equal(text_move(out, call, 6, 0x1000, 0x1000, NULL), 0);
	assert_int_equal(text_move(out, call, 6, 0x1000, 0x1001, NULL), 0);
	assert_int_equal(text_move(out, call, 6, 0x1000, 0x0fff, &bad), -ERANGE);
	assert_int_equal(bad, 1);
	assert_int_equal(text_move(out, back, 5, 0x1000, 0x0fff, NULL), 0);
	assert_int_equal(text_move(out, back, 5, 0x1000, 0x1001, &bad), -ERANGE);
	assert_int_equal(bad, 0);
	assert_int_equal(text_move(out, jz8, 4, 0x1000, 0x100000, &bad), -ERANGE);
	assert_int_equal(bad, 2);
	assert_int_equal(text_move(out, jz8, 4, 0x1000, 0x1010, NULL), 0);
	assert_int_equal(out[3], 0);
}

/* A rel8 that stays inside, to the very end included, is left alone wherever the code goes. */
static void test_inside(void **state)
{
	u8 out[8];
	const u8 loop[] = { 0xff, 0xc0, 0xe2, 0xfc, 0x74, 0x01, 0x90 };

	assert_int_equal(text_move(out, loop, sizeof(loop), 0, UINT64_C(1) << 40, NULL), 0);
	assert_memory_equal(out, loop, sizeof(loop));
}

static void test_no_instructions(void **state)
{
	u8 out[16];
	size_t bad = 99;
	const u8 cut[] = { 0x90, 0xe8, 0x00, 0x00 };
	const u8 undefined[] = { 0x90, 0x90, 0x06 };

	assert_int_equal(text_move(out, cut, sizeof(cut), 0, 16, &bad), -EINVAL);
	assert_int_equal(bad, 1);
	assert_int_equal(text_move(out, undefined, sizeof(undefined), 0, 16, &bad), -EINVAL);
	assert_int_equal(bad, 2);
	assert_int_equal(text_move(out, cut, 0, 0, 16, &bad), 0);
}

/* What code refers to may have moved too. */
static int shift(void *context, u64 *address)
{
	if (*address == 0xdead)
		return -EINVAL;
	*address += *(u64 *)context;
	return 0;
}

static void test_through(void **state)
{
	u64 distance = 0x123;
	u8 out[8];
	const u8 call[] = { 0xe8, 0x00, 0x10, 0x00, 0x00 };
	const u8 bad[] = { 0xe8, 0xa8, 0xce, 0x00, 0x00 };
	s32 field;

	assert_int_equal(text_move_through(out, call, 5, 0x1000, 0x3000, NULL, shift, &distance),
			 0);
	memcpy(&field, out + 1, 4);
	assert_int_equal(0x3000 + 5 + field, 0x1000 + 5 + 0x1000 + 0x123);
	assert_int_equal(text_move_through(out, bad, 5, 0x1000, 0x3000, NULL, shift, &distance),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_targets),    cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_reach),           cmocka_unit_test(test_inside),
		cmocka_unit_test(test_no_instructions), cmocka_unit_test(test_through),
	};

	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
