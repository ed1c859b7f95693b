/* SPDX-License-Identifier: MIT */
/* A program's first stack: strings at the top, below them the vectors that point to them. */
#include <arch/cpu.h>
#include <asm/errno.h>
#include <kernel/fs/random.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/start_stack.h>
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <quench/string.h>

#define CLOCK_TICKS  100 /* AT_CLKTCK: the unit of times(2) */
#define RANDOM_BYTES 16
#define MAX_AUXV     24 /* entries */

struct builder {
	struct aspace *aspace;
	vaddr_t top;     /* lowest address in use */
	size_t nr_words; /* vectors gathered so far */
	size_t max_words;
	u64 *words;
	int error;
};

static vaddr_t put_bytes(struct builder *builder, const void *bytes, size_t n)
{
	if (!builder->error && n > builder->top - (ASPACE_STACK_TOP - EXEC_MAX_ARGUMENT_BYTES))
		builder->error = -E2BIG;
	if (builder->error)
		return 0;
	builder->top -= n;
	builder->error = aspace_write(builder->aspace, builder->top, bytes, n);
	return builder->top;
}

static vaddr_t put_string(struct builder *builder, const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return put_bytes(builder, text, n + 1);
}

static void add_word(struct builder *builder, u64 word)
{
	if (builder->nr_words < builder->max_words)
		builder->words[builder->nr_words++] = word;
}

static size_t count(const char *const strings[])
{
	size_t n = 0;

	while (strings[n])
		n++;
	return n;
}

static void add_strings(struct builder *builder, const char *const strings[])
{
	for (size_t i = 0; strings[i]; i++)
		add_word(builder, put_string(builder, strings[i]));
	add_word(builder, 0);
}

static void add_aux(struct builder *builder, u64 type, u64 value)
{
	add_word(builder, type);
	add_word(builder, value);
}

static vaddr_t put_random(struct builder *builder)
{
	u8 bytes[RANDOM_BYTES];

	random_bytes(bytes, sizeof(bytes));
	return put_bytes(builder, bytes, sizeof(bytes));
}

static void add_auxv(struct builder *builder, const struct elf_program *program, u64 bias,
		     vaddr_t path)
{
	vaddr_t platform = put_string(builder, "x86_64");
	vaddr_t random = put_random(builder);

	if (program->headers) {
		add_aux(builder, AT_PHDR, program->headers + bias);
		add_aux(builder, AT_PHENT, sizeof(Elf64_Phdr));
		add_aux(builder, AT_PHNUM, program->nr_headers);
	}
	add_aux(builder, AT_PAGESZ, PAGE_BYTES);
	add_aux(builder, AT_BASE, 0); /* no dynamic linker */
	add_aux(builder, AT_FLAGS, 0);
	add_aux(builder, AT_ENTRY, program->entry + bias);
	add_aux(builder, AT_UID, 0);
	add_aux(builder, AT_EUID, 0);
	add_aux(builder, AT_GID, 0);
	add_aux(builder, AT_EGID, 0);
	add_aux(builder, AT_SECURE, 0);
	add_aux(builder, AT_HWCAP, arch_hwcap());
	add_aux(builder, AT_HWCAP2, arch_hwcap2());
	add_aux(builder, AT_CLKTCK, CLOCK_TICKS);
	add_aux(builder, AT_RANDOM, random);
	add_aux(builder, AT_PLATFORM, platform);
	add_aux(builder, AT_EXECFN, path);
	add_aux(builder, AT_NULL, 0);
}

int start_stack_build(struct aspace *aspace, const struct elf_program *program, u64 bias,
		      const char *path, const char *const argv[], const char *const envp[],
		      vaddr_t *stack_pointer)
{
	static const u64 end_marker = 0;
	struct builder builder = {
		.aspace = aspace,
		.top = ASPACE_STACK_TOP,
		.max_words = 1 + count(argv) + 1 + count(envp) + 1 + 2 * MAX_AUXV,
	};
	vaddr_t name;

	builder.words = kmalloc(builder.max_words * sizeof(u64));
	if (!builder.words)
		return -ENOMEM;
	put_bytes(&builder, &end_marker, sizeof(end_marker));
	name = put_string(&builder, path);
	add_word(&builder, count(argv));
	add_strings(&builder, argv);
	add_strings(&builder, envp);
	add_auxv(&builder, program, bias, name);
	builder.top = ALIGN_DOWN(builder.top, (vaddr_t)16);
	if (builder.nr_words & 1)
		builder.top -= sizeof(u64);
	*stack_pointer = put_bytes(&builder, builder.words, builder.nr_words * sizeof(u64));
	kfree(builder.words);
	return builder.error;
}
