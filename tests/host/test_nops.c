/* SPDX-License-Identifier: MIT */
/* NOP padding: the manual's table, as few as possible, and Zydis calls every one of them a NOP. */
#include <Zydis/Zydis.h>
#include <arch/text.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* SDM volume 2, "NOP—No Operation", table "Recommended Multi-Byte Sequence of NOP Instruction". */
static const char *const manual[] = {
	"\x90",
	"\x66\x90",
	"\x0f\x1f\x00",
	"\x0f\x1f\x40\x00",
	"\x0f\x1f\x44\x00\x00",
	"\x66\x0f\x1f\x44\x00\x00",
	"\x0f\x1f\x80\x00\x00\x00\x00",
	"\x0f\x1f\x84\x00\x00\x00\x00\x00",
	"\x66\x0f\x1f\x84\x00\x00\x00\x00\x00",
};

static void test_manual(void **state)
{
	u8 out[9];

	for (size_t n = 1; n <= 9; n++) {
		text_fill_nops(out, n);
		assert_memory_equal(out, manual[n - 1], n);
	}
}

/* No more NOPs than ceil(n / 9), nothing else, nothing outside. */
static void test_every_length(void **state)
{
	ZydisDecoder zydis;
	ZydisDecodedInstruction insn;
	u8 out[258];

	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (size_t n = 0; n <= 255; n++) {
		size_t at = 0, nops = 0;

		memset(out, 0xcc, sizeof(out));
		text_fill_nops(out + 1, n);
		for (; at < n; at += insn.length, nops++) {
			assert_true(ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(
				&zydis, NULL, out + 1 + at, n - at, &insn)));
			assert_int_equal(insn.mnemonic, ZYDIS_MNEMONIC_NOP);
		}
		assert_int_equal(at, n);
		assert_int_equal(nops, (n + 8) / 9);
		assert_int_equal(out[0], 0xcc);
		assert_int_equal(out[n + 1], 0xcc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
