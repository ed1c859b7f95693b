/* SPDX-License-Identifier: MIT */
/* The length decoder against Zydis: every opcode of every map, every ModRM byte, many prefixes. */
#include <Zydis/Zydis.h>
#include <arch/text.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

static ZydisDecoder zydis;

static bool has_prefix_67(const ZydisDecodedInstruction *insn)
{
	for (unsigned i = 0; i < insn->raw.prefix_count; i++)
		if (insn->raw.prefixes[i].value == 0x67)
			return true;
	return false;
}

/* Whether text_insn_decode may refuse what Zydis knows: what arch/text.h documents. */
static bool documented(const ZydisDecodedInstruction *insn)
{
	bool near = insn->raw.imm[0].is_relative && insn->raw.imm[0].size >= 16;

	if (near && insn->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE)
		return true;
	/* Knights Corner, which is no x86-64 processor, alone has these, JKZD and JKNZD. */
	if (insn->encoding == ZYDIS_INSTRUCTION_ENCODING_MVEX ||
	    (near && insn->encoding == ZYDIS_INSTRUCTION_ENCODING_VEX))
		return true;
	return insn->raw.disp.size == 32 && insn->raw.modrm.mod == 0 && insn->raw.modrm.rm == 5 &&
	       insn->attributes & ZYDIS_ATTRIB_HAS_MODRM && has_prefix_67(insn);
}

static void fail_at(const u8 *code, const char *what, unsigned have, unsigned want)
{
	char text[64];

	for (unsigned i = 0; i < 15; i++)
		snprintf(text + 3 * i, 4, "%02x ", code[i]);
	fail_msg("%s: %s is %u, Zydis says %u", text, what, have, want);
}

static void compare_fields(const u8 *code, const struct text_insn *ours,
			   const ZydisDecodedInstruction *theirs)
{
	bool rip = theirs->attributes & ZYDIS_ATTRIB_HAS_MODRM && theirs->raw.modrm.mod == 0 &&
		   theirs->raw.modrm.rm == 5 && theirs->raw.disp.size == 32;
	bool branch = theirs->raw.imm[0].is_relative;

	if ((ours->rip_bytes != 0) != rip)
		fail_at(code, "RIP-relative", ours->rip_bytes, rip);
	if (rip && ours->rip_at != theirs->raw.disp.offset)
		fail_at(code, "the place of the displacement", ours->rip_at,
			theirs->raw.disp.offset);
	if (ours->branch_bytes * 8u != (branch ? theirs->raw.imm[0].size : 0))
		fail_at(code, "the branch's size", ours->branch_bytes, theirs->raw.imm[0].size / 8);
	if (branch && ours->branch_at != theirs->raw.imm[0].offset)
		fail_at(code, "the branch's place", ours->branch_at, theirs->raw.imm[0].offset);
	if (!ours->immediate_bytes || theirs->encoding == ZYDIS_INSTRUCTION_ENCODING_3DNOW)
		return;
	if (ours->immediate_bytes * 8u != theirs->raw.imm[0].size)
		fail_at(code, "the immediate's size", ours->immediate_bytes,
			theirs->raw.imm[0].size / 8);
	if (ours->immediate_at != theirs->raw.imm[0].offset)
		fail_at(code, "the immediate's place", ours->immediate_at,
			theirs->raw.imm[0].offset);
}

/* Compares where Zydis decodes; returns whether it did. */
static bool compare(const u8 *code, size_t n)
{
	ZydisDecodedInstruction theirs;
	struct text_insn ours;
	int error = text_insn_decode(&ours, code, n);

	if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&zydis, NULL, code, n, &theirs)))
		return false;
	if (error) {
		if (!documented(&theirs))
			fail_at(code, "the length", 0, theirs.length);
		return true;
	}
	if (ours.bytes != theirs.length)
		fail_at(code, "the length", ours.bytes, theirs.length);
	compare_fields(code, &ours, &theirs);
	return true;
}

/* Deterministic noise: the same bytes in every run. */
static u32 noise(void)
{
	static u64 state = 0x9e3779b97f4a7c15;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (u32)(state >> 33);
}

/* prefix, escape, opcode, then every ModRM byte with a few SIB bytes and noise behind it. */
static size_t compare_modrms(const u8 *start, size_t n)
{
	static const u8 sibs[] = { 0x00, 0x05, 0x24, 0x25, 0xe5 };
	u8 code[32];
	size_t known = 0;

	memcpy(code, start, n);
	for (unsigned modrm = 0; modrm < 256; modrm++) {
		for (size_t i = 0; i < ARRAY_SIZE(sibs); i++) {
			for (size_t at = n; at < sizeof(code); at++)
				code[at] = (u8)noise();
			code[n] = (u8)modrm;
			code[n + 1] = sibs[i];
			known += compare(code, 15);
		}
	}
	return known;
}

static size_t compare_opcodes(const char *prefix, size_t prefix_bytes, const char *escape,
			      size_t escape_bytes)
{
	u8 code[16];
	size_t known = 0;

	memcpy(code, prefix, prefix_bytes);
	memcpy(code + prefix_bytes, escape, escape_bytes);
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		code[prefix_bytes + escape_bytes] = (u8)opcode;
		known += compare_modrms(code, prefix_bytes + escape_bytes + 1);
	}
	return known;
}

struct bytes {
	const char *bytes;
	size_t n;
};
#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}

static void test_legacy_maps(void **state)
{
	static const struct bytes prefixes[] = {
		BYTES(""),         BYTES("\x66"),         BYTES("\xf2"),     BYTES("\xf3"),
		BYTES("\x67"),     BYTES("\x48"),         BYTES("\x41"),     BYTES("\x66\x48"),
		BYTES("\x67\x66"), BYTES("\x48\x66"),     BYTES("\xf0\x4f"), BYTES("\xf2\x66"),
		BYTES("\x65"),     BYTES("\x66\xf3\x49"),
	};
	static const struct bytes escapes[] = { BYTES(""), BYTES("\x0f"), BYTES("\x0f\x38"),
						BYTES("\x0f\x3a") };
	size_t known = 0;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		for (size_t j = 0; j < ARRAY_SIZE(escapes); j++)
			known += compare_opcodes(prefixes[i].bytes, prefixes[i].n, escapes[j].bytes,
						 escapes[j].n);
	assert_true(known > 5000000);
}

static void test_vector_maps(void **state)
{
	static const struct bytes escapes[] = {
		BYTES("\xc5\xf8"),         BYTES("\xc5\xf9"),         BYTES("\xc5\x7e"),
		BYTES("\xc5\xff"),         BYTES("\xc4\xe1\x78"),     BYTES("\xc4\xe2\x79"),
		BYTES("\xc4\x42\xf9"),     BYTES("\xc4\xe2\x7b"),     BYTES("\xc4\xe3\x79"),
		BYTES("\xc4\xe3\xfd"),     BYTES("\xc4\xe3\x7b"),     BYTES("\x8f\xe8\x78"),
		BYTES("\x8f\xe9\x78"),     BYTES("\x8f\xea\x78"),     BYTES("\x62\xf1\x7c\x48"),
		BYTES("\x62\xf1\xfd\x48"), BYTES("\x62\xf1\x7e\x08"), BYTES("\x62\xf1\xff\x08"),
		BYTES("\x62\xf2\x7d\x48"), BYTES("\x62\xf2\xfd\x29"), BYTES("\x62\xf2\x7e\x48"),
		BYTES("\x62\xf3\x7d\x48"), BYTES("\x62\xf3\xfd\x48"), BYTES("\x62\xf5\x7c\x48"),
		BYTES("\x62\xf6\x7d\x48"), BYTES("\x67\xc5\xf9"),     BYTES("\x64\xc4\xe2\x79"),
	};
	size_t known = 0;

	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		known += compare_opcodes("", 0, escapes[i].bytes, escapes[i].n);
	assert_true(known > 1000000);
}

static void test_noise(void **state)
{
	size_t known = 0;

	for (unsigned i = 0; i < 1000000; i++) {
		u8 code[16];

		for (size_t at = 0; at < sizeof(code); at++)
			code[at] = (u8)noise();
		known += compare(code, 1 + noise() % 15);
	}
	assert_true(known > 300000);
}

/* A whole instruction is never found in a part of its bytes, and no byte behind is looked at. */
static void test_truncation(void **state)
{
	for (unsigned i = 0; i < 200000; i++) {
		u8 code[16];
		size_t bytes;

		for (size_t at = 0; at < sizeof(code); at++)
			code[at] = (u8)noise();
		bytes = text_insn_bytes(code, 15);
		for (size_t n = 0; n < bytes; n++)
			assert_int_equal(text_insn_bytes(code, n), 0);
		if (bytes) {
			u8 *exact = malloc(bytes);

			memcpy(exact, code, bytes);
			assert_int_equal(text_insn_bytes(exact, bytes), bytes);
			free(exact);
		}
	}
}

/* Walks the executable segments of one loaded object. */
static int compare_object(struct dl_phdr_info *info, size_t size, void *context)
{
	size_t *known = context;

	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		const u8 *code = (const u8 *)(info->dlpi_addr + segment->p_vaddr);
		const u8 *end = code + segment->p_memsz;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
			continue;
		while (code < end) {
			size_t left = (size_t)(end - code);
			size_t bytes = text_insn_bytes(code, left);

			*known += compare(code, left < 15 ? left : 15);
			code += bytes ? bytes : 1;
		}
	}
	return 0;
}

/* All code of this process, compilers' and hand-written: itself, the C library, Zydis. */
static void test_loaded_code(void **state)
{
	size_t known = 0;

	dl_iterate_phdr(compare_object, &known);
	assert_true(known > 300000);
}

struct fields {
	struct bytes code;
	struct text_insn insn;
};

static void test_fields(void **state)
{
	static const struct fields cases[] = {
		{ BYTES("\xe8\0\0\0\0"), { 5, 1, 4, 0, 0, 0, 0, false } },
		{ BYTES("\x0f\x84\0\0\0\0"), { 6, 2, 4, 0, 0, 0, 0, false } },
		{ BYTES("\xeb\0"), { 2, 1, 1, 0, 0, 0, 0, false } },
		{ BYTES("\xe3\0"), { 2, 1, 1, 0, 0, 0, 0, false } },
		{ BYTES("\x67\xe2\0"), { 3, 2, 1, 0, 0, 0, 0, false } },
		{ BYTES("\xc7\xf8\0\0\0\0"), { 6, 2, 4, 0, 0, 0, 0, false } },
		{ BYTES("\x48\x8d\x05\0\0\0\0"), { 7, 0, 0, 3, 4, 0, 0, false } },
		{ BYTES("\x48\xc7\x05\0\0\0\0\1\0\0\0"), { 11, 0, 0, 3, 4, 7, 4, true } },
		{ BYTES("\xc7\x05\0\0\0\0\1\0\0\0"), { 10, 0, 0, 2, 4, 6, 4, false } },
		{ BYTES("\x48\xb8\1\2\3\4\5\6\7\x08"), { 10, 0, 0, 0, 0, 2, 8, false } },
		{ BYTES("\xb8\1\2\3\4"), { 5, 0, 0, 0, 0, 1, 4, false } },
		{ BYTES("\x48\xc1\xe8\x05"), { 4, 0, 0, 0, 0, 3, 1, false } },
		{ BYTES("\x48\x83\xc0\x05"), { 4, 0, 0, 0, 0, 3, 1, true } },
		{ BYTES("\x66\x81\xf9\1\2"), { 5, 0, 0, 0, 0, 3, 2, false } },
		{ BYTES("\x68\1\2\3\4"), { 5, 0, 0, 0, 0, 1, 4, true } },
		{ BYTES("\xf7\xc1\1\2\3\4"), { 6, 0, 0, 0, 0, 2, 4, false } },
		{ BYTES("\xf7\xd9"), { 2, 0, 0, 0, 0, 0, 0, false } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text_insn insn;

		assert_int_equal(
			text_insn_decode(&insn, (const u8 *)cases[i].code.bytes, cases[i].code.n),
			0);
		assert_memory_equal(&insn, &cases[i].insn, sizeof(insn));
	}
}

static void test_refused(void **state)
{
	static const struct bytes cases[] = {
		BYTES(""),
		BYTES("\x66\xe8\0\0\0\0"),         /* length depends on the vendor */
		BYTES("\x67\x48\x8d\x05\0\0\0\0"), /* EIP-relative */
		BYTES("\x06"),                     /* PUSH ES, gone in 64-bit mode */
		BYTES("\x48\xc5\xf8\x77"),         /* REX before VEX */
		BYTES("\xc5\xf8\x84\0\0\0\0"),     /* JKZD, of Knights Corner alone */
		BYTES("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x90"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(text_insn_bytes((const u8 *)cases[i].bytes, cases[i].n), 0);
}

/* No byte behind what is given is read, however the instruction is cut: the next page is not there.
 */
static void test_end_of_page(void **state)
{
	static const struct bytes cases[] = {
		BYTES("\x66\x0f\x3a\x0f\x44\x24\x08\x05"),
		BYTES("\xc4\xe3\x7d\x39\x04\x25\0\0\0\0\1"),
		BYTES("\x62\xf1\x7c\x48\x10\x44\x24\x01"),
		BYTES("\x48\xc7\x84\x25\0\0\0\0\1\0\0\0"),
		BYTES("\x8f\xe8\x78\xc0\xc1\x05"),
		BYTES("\xf2\x48\x0f\x38\xf1\xc1"),
	};
	const size_t page = 4096;
	u8 *pages =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(pages != MAP_FAILED);
	assert_int_equal(mprotect(pages + page, page, PROT_NONE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (size_t n = 0; n <= cases[i].n; n++) {
			u8 *code = pages + page - n;

			memcpy(code, cases[i].bytes, n);
			assert_int_equal(text_insn_bytes(code, n), n == cases[i].n ? n : 0);
		}
	munmap(pages, 2 * page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_end_of_page), cmocka_unit_test(test_fields),
		cmocka_unit_test(test_refused),     cmocka_unit_test(test_legacy_maps),
		cmocka_unit_test(test_vector_maps), cmocka_unit_test(test_noise),
		cmocka_unit_test(test_truncation),  cmocka_unit_test(test_loaded_code),
	};

	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
