/* SPDX-License-Identifier: MIT */
/* Any bytes as a program: what is accepted must keep what elf.h promises the loader. */
#include <kernel/proc/elf.h>
#include <stdlib.h>

#define BASE  UINT64_C(0x555555554000)
#define LIMIT UINT64_C(0x7fffff6ff000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_program program;
	const char *why;
	u64 end = 0;

	if (elf_check(data, size, BASE, LIMIT, &program, &why)) {
		require(why && why[0]);
		return 0;
	}
	require(program.nr_segments >= 1 && program.nr_segments <= ELF_MAX_SEGMENTS);
	for (size_t i = 0; i < program.nr_segments; i++) {
		const struct elf_segment *s = &program.segments[i];

		require(s->address >= end && s->address < s->pages_end && s->pages_end <= LIMIT);
		require(s->file_end >= s->address && s->file_end <= s->pages_end);
		require(s->file_end == s->address ||
			(s->offset <= size && s->file_end - s->address <= size - s->offset));
		end = s->pages_end;
	}
	require(program.low == program.segments[0].address && program.high == end);
	return 0;
}
