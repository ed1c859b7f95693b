/* SPDX-License-Identifier: MIT */
/* kernel/proc/elf.h: a good program, each malformed field by name, and every header byte changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/errno.h>
#include <asm/mman.h>
#include <cmocka.h>
#include <kernel/proc/elf.h>
#include <linux/elf.h>

#define LIMIT UINT64_C(0x7fffff6ff000)
#define BASE  UINT64_C(0x555555554000)

/* Text with the headers in it, data with a bss behind it, and a stack note. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr text, data, stack;
	u8 rest[0x300 - sizeof(Elf64_Ehdr) - 3 * sizeof(Elf64_Phdr)];
};

static const struct image good = {
	.header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = 0x400180,
		.e_phoff = offsetof(struct image, text),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	},
	.text = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = 0, .p_vaddr = 0x400000,
		.p_filesz = 0x200, .p_memsz = 0x200, .p_align = 0x1000,
	},
	.data = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 0x200, .p_vaddr = 0x402200,
		.p_filesz = 0x100, .p_memsz = 0x3000, .p_align = 0x1000,
	},
	.stack = { .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W, .p_align = 16 },
};

static int check(const void *file, size_t n, struct elf_program *program, const char **why)
{
	return elf_check(file, n, BASE, LIMIT, program, why);
}

static void accepts_a_static_program(void **state)
{
	struct elf_program program;
	const char *why;

	assert_int_equal(check(&good, sizeof(good), &program, &why), 0);
	assert_null(why);
	assert_false(program.position_independent);
	assert_int_equal(program.entry, 0x400180);
	assert_int_equal(program.headers, 0x400000 + offsetof(struct image, text));
	assert_int_equal(program.nr_headers, 3);
	assert_int_equal(program.nr_segments, 2);
	assert_int_equal(program.low, 0x400000);
	assert_int_equal(program.high, 0x406000);
	assert_int_equal(program.segments[0].address, 0x400000);
	assert_int_equal(program.segments[0].pages_end, 0x401000);
	assert_int_equal(program.segments[0].offset, 0);
	assert_int_equal(program.segments[0].file_end, 0x400200);
	assert_int_equal(program.segments[0].prot, PROT_READ | PROT_EXEC);
	assert_int_equal(program.segments[1].address, 0x402000);
	assert_int_equal(program.segments[1].pages_end, 0x406000);
	assert_int_equal(program.segments[1].offset, 0);
	assert_int_equal(program.segments[1].file_end, 0x402300);
	assert_int_equal(program.segments[1].prot, PROT_READ | PROT_WRITE);
}

static void accepts_variants(void **state)
{
	struct elf_program program;
	struct image image = good;
	const char *why;

	image.header.e_type = ET_DYN;
	image.text.p_vaddr = 0;
	image.data.p_vaddr = 0x2200;
	image.header.e_entry = 0x180;
	assert_int_equal(check(&image, sizeof(image), &program, &why), 0);
	assert_true(program.position_independent);
	assert_int_equal(program.low, 0);

	/* moved by BASE its last page must still be the user's */
	image.data.p_vaddr = LIMIT - BASE - 0x3000 + 0x200;
	image.data.p_memsz = 0x2e00;
	assert_int_equal(check(&image, sizeof(image), &program, &why), 0);
	image.data.p_memsz++;
	assert_int_equal(check(&image, sizeof(image), &program, &why), -ENOEXEC);

	/* a bss alone: no bytes from the file, whatever its offset */
	image = good;
	image.data.p_filesz = 0;
	image.data.p_offset = UINT64_MAX;
	assert_int_equal(check(&image, sizeof(image), &program, &why), 0);
	assert_int_equal(program.segments[1].file_end, program.segments[1].address);

	/* an empty segment is none */
	image = good;
	image.data.p_filesz = image.data.p_memsz = 0;
	image.data.p_vaddr = UINT64_MAX;
	assert_int_equal(check(&image, sizeof(image), &program, &why), 0);
	assert_int_equal(program.nr_segments, 1);

	/* headers that no segment holds */
	image = good;
	image.text.p_offset = 0;
	image.text.p_filesz = 0x20;
	assert_int_equal(check(&image, sizeof(image), &program, &why), 0);
	assert_int_equal(program.headers, 0);
}

#define CASE(field, value, error, text)                                                     \
	{                                                                                   \
		offsetof(struct image, field), sizeof(good.field), (value), (error), (text) \
	}

static void names_each_malformed_field(void **state)
{
	static const struct {
		size_t at, n;
		u64 value;
		int error;
		const char *text;
	} cases[] = {
		CASE(header.e_ident[0], 0x7e, -ENOEXEC, "no ELF file"),
		CASE(header.e_ident[3], 'f', -ENOEXEC, "no ELF file"),
		CASE(header.e_ident[EI_CLASS], ELFCLASS32, -ENOEXEC, "64-bit"),
		CASE(header.e_ident[EI_DATA], ELFDATA2MSB, -ENOEXEC, "little-endian"),
		CASE(header.e_type, ET_REL, -ENOEXEC, "ET_EXEC"),
		CASE(header.e_type, ET_CORE, -ENOEXEC, "ET_EXEC"),
		CASE(header.e_machine, EM_386, -ENOEXEC, "x86-64"),
		CASE(header.e_machine, EM_AARCH64, -ENOEXEC, "x86-64"),
		CASE(header.e_phentsize, 32, -ENOEXEC, "wrong size"),
		CASE(header.e_phentsize, 0, -ENOEXEC, "wrong size"),
		CASE(header.e_phnum, 0, -ENOEXEC, "no program headers"),
		CASE(header.e_phnum, 0xffff, -ENOEXEC, "no program headers"),
		CASE(header.e_phnum, 13, -ENOEXEC, "beyond the end"),
		CASE(header.e_phoff, sizeof(good) - 3 * sizeof(Elf64_Phdr) + 1, -ENOEXEC,
		     "beyond the end"),
		CASE(header.e_phoff, UINT64_MAX - 8, -ENOEXEC, "beyond the end"),
		CASE(header.e_entry, 0, -ENOEXEC, "entry is in no segment"),
		CASE(header.e_entry, 0x401000, -ENOEXEC, "entry is in no segment"),
		CASE(header.e_entry, 0x402200, -ENOEXEC, "entry is in no code"),
		CASE(header.e_entry, UINT64_C(0xffffffff80000000), -ENOEXEC, "entry"),
		CASE(text.p_filesz, 0x201, -ENOEXEC, "more bytes in the file"),
		CASE(text.p_memsz, 0x1ff, -ENOEXEC, "more bytes in the file"),
		CASE(data.p_offset, 0x1ff, -ENOEXEC, "within the page"),
		CASE(data.p_offset, 0x1200, -ENOEXEC, "beyond the end"),
		CASE(data.p_offset, UINT64_MAX - 0x10, -ENOEXEC, "beyond the end"),
		CASE(data.p_memsz, UINT64_MAX, -ENOEXEC, "user's addresses"),
		CASE(data.p_memsz, LIMIT - 0x402200 + 1, -ENOEXEC, "user's addresses"),
		CASE(data.p_vaddr, UINT64_C(0xffffffff80000200), -ENOEXEC, "user's addresses"),
		CASE(data.p_vaddr, UINT64_C(0x0000800000000200), -ENOEXEC, "user's addresses"),
		CASE(data.p_vaddr, UINT64_C(0xfffffffffffff200), -ENOEXEC, "user's addresses"),
		CASE(data.p_vaddr, 0x402201, -ENOEXEC, "within the page"),
		CASE(data.p_vaddr, 0x400200, -ENOEXEC, "overlap"),
		CASE(data.p_vaddr, 0x3f0200, -ENOEXEC, "overlap"),
		CASE(text.p_memsz, 0x3000, -ENOEXEC, "overlap"),
		CASE(data.p_align, 3, -ENOEXEC, "power of two"),
		CASE(text.p_flags, PF_R, -ENOEXEC, "entry is in no code"),
		CASE(text.p_type, PT_NULL, -ENOEXEC, "entry is in no segment"),
		CASE(stack.p_type, PT_INTERP, -ELIBBAD, "static"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct elf_program program;
		struct image image = good;
		const char *why;

		memcpy((u8 *)&image + cases[i].at, &cases[i].value, cases[i].n);
		assert_int_equal(check(&image, sizeof(image), &program, &why), cases[i].error);
		if (!strstr(why, cases[i].text))
			print_error("%s is not \"...%s...\"\n", why, cases[i].text);
		assert_non_null(strstr(why, cases[i].text));
	}
}

static void refuses_too_many_segments(void **state)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr load[ELF_MAX_SEGMENTS + 1];
	} image = { .header = good.header };
	struct elf_program program;
	const char *why;

	image.header.e_phoff = sizeof(image.header);
	image.header.e_entry = 0x400000;
	for (unsigned i = 0; i < ARRAY_SIZE(image.load); i++)
		image.load[i] = (Elf64_Phdr){ .p_type = PT_LOAD,
					      .p_flags = PF_R | PF_X,
					      .p_vaddr = 0x400000 + i * 0x1000,
					      .p_memsz = 0x1000 };
	image.header.e_phnum = ELF_MAX_SEGMENTS;
	assert_int_equal(check(&image, sizeof(image), &program, &why), 0);
	image.header.e_phnum++;
	assert_int_equal(check(&image, sizeof(image), &program, &why), -ENOEXEC);
	assert_non_null(strstr(why, "segments"));
	for (unsigned i = 0; i < ARRAY_SIZE(image.load); i++)
		image.load[i].p_memsz = 0;
	assert_int_equal(check(&image, sizeof(image), &program, &why), -ENOEXEC);
	assert_string_equal(why, "nothing to load");
}

/* What the loader relies on, whatever the file said. */
static void check_promises(const struct elf_program *program, size_t bytes)
{
	u64 limit = program->position_independent ? LIMIT - BASE : LIMIT;
	u64 end = 0;

	assert_in_range(program->nr_segments, 1, ELF_MAX_SEGMENTS);
	for (size_t i = 0; i < program->nr_segments; i++) {
		const struct elf_segment *s = &program->segments[i];

		assert_true(s->address >= end && s->address < s->pages_end);
		assert_true(((s->address | s->pages_end | s->offset) & PAGE_MASK) == 0 ||
			    s->file_end == s->address);
		assert_true(s->file_end >= s->address && s->file_end <= s->pages_end);
		if (s->file_end > s->address) {
			assert_true(s->offset <= bytes);
			assert_true(s->file_end - s->address <= bytes - s->offset);
		}
		end = s->pages_end;
	}
	assert_true(end <= ALIGN_UP(limit, PAGE_BYTES));
	assert_int_equal(program->low, program->segments[0].address);
	assert_int_equal(program->high, end);
	assert_true(program->entry >= program->low && program->entry < program->high);
}

/* Returns whether it was accepted; the copy has exactly n bytes, for the sanitizer's sake. */
static bool check_copy(const struct image *image, size_t n)
{
	struct elf_program program;
	const char *why;
	u8 *copy = malloc(n ? n : 1);
	int error;

	memcpy(copy, image, n);
	error = check(copy, n, &program, &why);
	assert_true(error == 0 || error == -ENOEXEC || error == -ELIBBAD);
	assert_int_equal(error == 0, why == NULL);
	if (!error)
		check_promises(&program, n);
	free(copy);
	return !error;
}

static void survives_every_mutation(void **state)
{
	static const u8 values[] = { 0, 1, 2, 3, 0x10, 0x7f, 0x80, 0xf0, 0xfe, 0xff };
	size_t accepted = 0, refused = 0;

	for (size_t at = 0; at < offsetof(struct image, rest); at++) {
		for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
			struct image image = good;

			((u8 *)&image)[at] = values[i];
			if (check_copy(&image, sizeof(image)))
				accepted++;
			else
				refused++;
		}
	}
	/* Neither everything nor nothing. */
	assert_true(accepted > 500 && refused > 500);
}

static void refuses_every_truncation(void **state)
{
	for (size_t n = 0; n < 0x300; n++)
		assert_false(check_copy(&good, n));
	assert_true(check_copy(&good, 0x300));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_a_static_program),
		cmocka_unit_test(accepts_variants),
		cmocka_unit_test(names_each_malformed_field),
		cmocka_unit_test(refuses_too_many_segments),
		cmocka_unit_test(survives_every_mutation),
		cmocka_unit_test(refuses_every_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
