/* SPDX-License-Identifier: MIT */
/* What of an ELF64 file goes where. PURE. */
#include <asm/errno.h>
#include <asm/mman.h>
#include <kernel/proc/elf.h>
#include <linux/elf.h>
#include <quench/string.h>

#define MAX_HEADERS 512 /* Linux takes one page of them; a program needs a dozen */

/* Each check returns NULL, or what is wrong. */

static const char *check_ident(const Elf64_Ehdr *header)
{
	if (memcmp(header->e_ident, ELFMAG, SELFMAG))
		return "no ELF file";
	if (header->e_ident[EI_CLASS] != ELFCLASS64)
		return "not a 64-bit program";
	if (header->e_ident[EI_DATA] != ELFDATA2LSB)
		return "not little-endian";
	if (header->e_machine != EM_X86_64)
		return "not for x86-64";
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return "no program (neither ET_EXEC nor ET_DYN)";
	return NULL;
}

static const char *check_header(const Elf64_Ehdr *header, size_t bytes)
{
	const char *why = check_ident(header);

	if (why)
		return why;
	if (header->e_phentsize != sizeof(Elf64_Phdr))
		return "program headers of the wrong size";
	if (!header->e_phnum || header->e_phnum > MAX_HEADERS)
		return "no program headers, or more than 512";
	if (header->e_phoff > bytes ||
	    header->e_phnum * sizeof(Elf64_Phdr) > bytes - header->e_phoff)
		return "program headers beyond the end of the file";
	return NULL;
}

/* The file may put its headers at any alignment. */
static void read_phdr(const u8 *file, const Elf64_Ehdr *header, unsigned i, Elf64_Phdr *phdr)
{
	memcpy(phdr, file + header->e_phoff + i * sizeof(*phdr), sizeof(*phdr));
}

static unsigned prot_of(u32 flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

static const char *check_segment(const Elf64_Phdr *phdr, size_t bytes, u64 room)
{
	if (phdr->p_filesz > phdr->p_memsz)
		return "a segment has more bytes in the file than in memory";
	if (phdr->p_filesz && (phdr->p_offset > bytes || phdr->p_filesz > bytes - phdr->p_offset))
		return "a segment lies beyond the end of the file";
	if (phdr->p_memsz > room || phdr->p_vaddr > room - phdr->p_memsz)
		return "a segment lies beyond the user's addresses";
	if (phdr->p_align & (phdr->p_align - 1))
		return "a segment's alignment is no power of two";
	if (phdr->p_filesz && (phdr->p_vaddr ^ phdr->p_offset) & PAGE_MASK)
		return "a segment's address and offset differ within the page";
	return NULL;
}

static const char *add_segment(struct elf_program *program, const Elf64_Phdr *phdr)
{
	struct elf_segment *segment = &program->segments[program->nr_segments];
	u64 in_page = phdr->p_vaddr & PAGE_MASK;

	if (program->nr_segments == ELF_MAX_SEGMENTS)
		return "more than 16 segments";
	segment->address = phdr->p_vaddr - in_page;
	segment->pages_end = ALIGN_UP(phdr->p_vaddr + phdr->p_memsz, PAGE_BYTES);
	segment->offset = phdr->p_filesz ? phdr->p_offset - in_page : 0;
	segment->file_end = phdr->p_filesz ? phdr->p_vaddr + phdr->p_filesz : segment->address;
	segment->prot = prot_of(phdr->p_flags);
	if (program->nr_segments && segment->address < program->high)
		return "segments overlap, share a page or are out of order";
	if (!program->nr_segments)
		program->low = segment->address;
	program->high = segment->pages_end;
	program->nr_segments++;
	return NULL;
}

static const char *gather(const u8 *file, size_t bytes, const Elf64_Ehdr *header, u64 room,
			  struct elf_program *program)
{
	const char *why = NULL;
	Elf64_Phdr phdr;

	for (unsigned i = 0; i < header->e_phnum && !why; i++) {
		read_phdr(file, header, i, &phdr);
		if (phdr.p_type != PT_LOAD || !phdr.p_memsz)
			continue;
		why = check_segment(&phdr, bytes, room);
		if (why)
			break;
		if (header->e_phoff >= phdr.p_offset &&
		    header->e_phoff - phdr.p_offset <= phdr.p_filesz &&
		    header->e_phnum * sizeof(phdr) <=
			    phdr.p_filesz - (header->e_phoff - phdr.p_offset))
			program->headers = phdr.p_vaddr + (header->e_phoff - phdr.p_offset);
		why = add_segment(program, &phdr);
	}
	if (!why && !program->nr_segments)
		why = "nothing to load";
	return why;
}

static bool asks_for_linker(const u8 *file, const Elf64_Ehdr *header)
{
	Elf64_Phdr phdr;

	for (unsigned i = 0; i < header->e_phnum; i++) {
		read_phdr(file, header, i, &phdr);
		if (phdr.p_type == PT_INTERP)
			return true;
	}
	return false;
}

static const char *check_entry(const struct elf_program *program)
{
	for (size_t i = 0; i < program->nr_segments; i++) {
		const struct elf_segment *segment = &program->segments[i];

		if (program->entry >= segment->address && program->entry < segment->pages_end)
			return segment->prot & PROT_EXEC ? NULL : "the entry is in no code";
	}
	return "the entry is in no segment";
}

int elf_check(const void *file, size_t bytes, u64 base, u64 limit, struct elf_program *program,
	      const char **why)
{
	Elf64_Ehdr header;

	*why = "no ELF file";
	memset(program, 0, sizeof(*program));
	if (bytes < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, file, sizeof(header));
	*why = check_header(&header, bytes);
	if (*why)
		return -ENOEXEC;
	*why = "dynamically linked; only static programs run here";
	if (asks_for_linker(file, &header))
		return -ELIBBAD;
	program->position_independent = header.e_type == ET_DYN;
	program->entry = header.e_entry;
	program->nr_headers = header.e_phnum;
	*why = gather(file, bytes, &header, limit - (program->position_independent ? base : 0),
		      program);
	if (!*why)
		*why = check_entry(program);
	return *why ? -ENOEXEC : 0;
}
