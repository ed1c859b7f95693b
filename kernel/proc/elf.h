/* SPDX-License-Identifier: MIT */
/*
 * Static ELF64 programs for x86-64: what of a file goes where (System V gABI, "Program Loading";
 * psABI for AMD64, "Program Loading and Dynamic Linking"). The file is not trusted. PURE.
 */
#pragma once

#include <quench/types.h>

#define ELF_MAX_SEGMENTS 16

struct elf_segment {
	u64 address; /* page-aligned, as are pages_end and offset */
	u64 pages_end;
	u64 offset;    /* in the file, of `address` */
	u64 file_end;  /* address behind the last byte from the file; == address: none */
	unsigned prot; /* PROT_READ, PROT_WRITE, PROT_EXEC of <asm/mman.h> */
};

/* All addresses are as in the file: a position-independent program is moved by adding to them. */
struct elf_program {
	bool position_independent;
	u64 entry;
	u64 headers; /* address of the program headers, 0 when no segment holds them */
	u16 nr_headers;
	u64 low, high; /* first page, and behind the last one */
	size_t nr_segments;
	struct elf_segment segments[ELF_MAX_SEGMENTS]; /* ascending, no page in two of them */
};

/*
 * Judges a file of `bytes` bytes that is to be loaded below `limit` (position-independent: at
 * `base`). 0; or -ENOEXEC, -ELIBBAD when it asks for a dynamic linker, with *why in a few words.
 */
int elf_check(const void *file, size_t bytes, u64 base, u64 limit, struct elf_program *program,
	      const char **why);
