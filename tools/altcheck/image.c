/* SPDX-License-Identifier: MIT */
/* The kernel image as a file: sections, bytes by address, symbols. Reads with libelf. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool fail(const struct image *image, const char *why)
{
	fprintf(stderr, "%s: image: %s: %s\n", program_invocation_short_name, image->path, why);
	return false;
}

/* By address; sized before unsized, functions before others, then by name: a stable choice. */
static int by_address(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	if (a->function != b->function)
		return a->function ? -1 : 1;
	if (!a->bytes != !b->bytes)
		return a->bytes ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void add_symbol(struct image *image, Elf_Scn *section, const GElf_Shdr *header,
		       const GElf_Sym *sym)
{
	unsigned type = GELF_ST_TYPE(sym->st_info);
	const char *name = elf_strptr(image->elf, header->sh_link, sym->st_name);

	(void)section;
	if (!name || !*name || sym->st_shndx == SHN_UNDEF ||
	    (type != STT_NOTYPE && type != STT_FUNC && type != STT_OBJECT))
		return;
	image->symbols[image->nr_symbols++] = (struct symbol){
		.address = sym->st_value,
		.bytes = sym->st_size,
		.name = name,
		.function = type == STT_FUNC,
	};
}

static bool read_symbols(struct image *image)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(image->elf, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		Elf_Data *data = elf_getdata(section, NULL);
		if (!data || !header.sh_entsize)
			break;
		size_t n = data->d_size / header.sh_entsize;
		GElf_Sym sym;

		image->symbols = calloc(n + 1, sizeof(*image->symbols));
		if (!image->symbols)
			break;
		for (size_t i = 0; i < n; i++)
			if (gelf_getsym(data, (int)i, &sym))
				add_symbol(image, section, &header, &sym);
		qsort(image->symbols, image->nr_symbols, sizeof(*image->symbols), by_address);
		return true;
	}
	return fail(image, "has no symbol table; link it without --strip");
}

static bool find_address(const struct image *image, const char *name, u64 *address)
{
	for (size_t i = 0; i < image->nr_symbols; i++) {
		if (!strcmp(image->symbols[i].name, name)) {
			*address = image->symbols[i].address;
			return true;
		}
	}
	fprintf(stderr, "%s: image: %s: symbol %s is missing; link with kernel.lds.S\n",
		program_invocation_short_name, image->path, name);
	return false;
}

static bool find_range(const struct image *image, const char *table, struct range *range)
{
	char start[64], stop[64];

	snprintf(start, sizeof(start), "__start_%s", table);
	snprintf(stop, sizeof(stop), "__stop_%s", table);
	if (!find_address(image, start, &range->start) || !find_address(image, stop, &range->end))
		return false;
	if (range->end < range->start ||
	    (range->end > range->start &&
	     !image_bytes(image, range->start, range->end - range->start))) {
		fprintf(stderr, "%s: image: %s: no section holds %s..%s\n",
			program_invocation_short_name, image->path, start, stop);
		return false;
	}
	return true;
}

bool image_open(struct image *image, const char *path)
{
	GElf_Ehdr header;

	*image = (struct image){ .path = path, .fd = open(path, O_RDONLY) };
	if (image->fd < 0)
		return fail(image, "cannot be opened");
	if (elf_version(EV_CURRENT) == EV_NONE ||
	    !(image->elf = elf_begin(image->fd, ELF_C_READ, NULL)) ||
	    elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &header))
		return fail(image, "is no ELF file");
	if (header.e_machine != EM_X86_64 || header.e_type != ET_EXEC)
		return fail(image, "is no linked x86-64 image");
	return read_symbols(image) && find_range(image, "text", &image->text) &&
	       find_range(image, "text_early", &image->early) &&
	       find_range(image, "altinstructions", &image->alts) &&
	       find_range(image, "altinstr_replacement", &image->versions) &&
	       find_range(image, "extable", &image->extable);
}

void image_close(struct image *image)
{
	free(image->symbols);
	elf_end(image->elf);
	if (image->fd >= 0)
		close(image->fd);
}

const u8 *image_bytes(const struct image *image, u64 address, size_t n)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(image->elf, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_PROGBITS ||
		    !(header.sh_flags & SHF_ALLOC) || address < header.sh_addr ||
		    address - header.sh_addr > header.sh_size ||
		    n > header.sh_size - (address - header.sh_addr))
			continue;
		Elf_Data *data = elf_getdata(section, NULL);

		if (data && data->d_buf && data->d_size == header.sh_size)
			return (const u8 *)data->d_buf + (address - header.sh_addr);
	}
	return NULL;
}

const struct symbol *image_symbol(const struct image *image, u64 address)
{
	size_t low = 0, high = image->nr_symbols;
	const struct symbol *nearest = NULL;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	while (low--) {
		const struct symbol *symbol = &image->symbols[low];

		if (!symbol->function)
			continue;
		/* Of several at the address the first is the one to name. */
		while (symbol > image->symbols && symbol[-1].address == symbol->address &&
		       symbol[-1].function)
			symbol--;
		nearest = symbol;
		break;
	}
	return nearest;
}
