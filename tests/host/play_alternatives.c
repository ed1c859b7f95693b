/* SPDX-License-Identifier: MIT */
/* Applies the alternatives of the running executable, for tests of code that contains them, by
 * other means than the kernel's engine, which has tests of its own: Zydis tells instructions
 * apart. It knows blocks in blocks, and constants in them. */
#include "fault_harness.h"

#include <Zydis/Zydis.h>
#include <arch/alternative.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void die(const char *why)
{
	fprintf(stderr, "alternatives in the test: %s\n", why);
	exit(2);
}

static int load_bias(struct dl_phdr_info *info, size_t size, void *bias)
{
	*(u64 *)bias = info->dlpi_addr;
	return 1; /* the first object is the executable */
}

/* The whole file of the running executable, mapped. */
static const u8 *own_file(void)
{
	static const u8 *file;
	int fd;

	if (file)
		return file;
	fd = open("/proc/self/exe", O_RDONLY);
	file = mmap(NULL, (size_t)lseek(fd, 0, SEEK_END), PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (file == MAP_FAILED)
		die("/proc/self/exe does not map");
	return file;
}

const void *own_section(const char *name, size_t *bytes)
{
	const u8 *file = own_file();
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *sections = (const Elf64_Shdr *)(file + header->e_shoff);
	const char *names = (const char *)file + sections[header->e_shstrndx].sh_offset;
	u64 bias = 0;

	dl_iterate_phdr(load_bias, &bias);
	for (size_t i = 0; i < header->e_shnum; i++) {
		if (strcmp(names + sections[i].sh_name, name))
			continue;
		*bytes = sections[i].sh_size;
		return (const void *)(bias + sections[i].sh_addr);
	}
	die(name);
	return NULL;
}

static bool holds(const struct alt_entry *entry, const struct feature_set *set)
{
	const bool any = (entry->kind_op & 15) == ALT_ANY_OF;

	for (size_t i = 0; i < entry->nr_terms; i++) {
		const bool negated = entry->terms[i] & ALT_NOT;
		const unsigned feature = entry->terms[i] & (ALT_NOT - 1u);

		if ((feature_test(set, feature) != negated) == any)
			return any;
	}
	return !any;
}

/* Code that runs elsewhere than it was linked, the outer before the inner; what came of it. */
#define MAX_PIECES 1024
static struct piece {
	const u8 *linked;
	size_t bytes;
	u8 *place; /* NULL: gone */
} pieces[MAX_PIECES];
static size_t nr_pieces;

static void add_piece(const u8 *linked, size_t bytes, u8 *place)
{
	if (nr_pieces == MAX_PIECES)
		die("too many pieces");
	if (bytes)
		pieces[nr_pieces++] = (struct piece){ linked, bytes, place };
}

u64 played_place(u64 linked)
{
	for (size_t i = nr_pieces; i-- > 0;)
		if (linked - (u64)pieces[i].linked < pieces[i].bytes)
			return pieces[i].place
				       ? (u64)pieces[i].place + (linked - (u64)pieces[i].linked)
				       : 0;
	return linked;
}

/* Where a branch to `linked` from the piece that was just added goes. */
static u64 branch_place(const struct piece *piece, u64 linked)
{
	if (linked - (u64)piece->linked <= piece->bytes)
		return (u64)piece->place + (linked - (u64)piece->linked);
	return played_place(linked);
}

/* Corrects the displacement of one copied instruction that refers to another place. */
static void correct(const struct piece *piece, size_t at, const ZydisDecodedInstruction *insn)
{
	const u64 next = (u64)piece->linked + at + insn->length;
	const u64 new_next = (u64)piece->place + at + insn->length;
	size_t offset = 0;
	s32 displacement;

	if (insn->raw.imm[0].is_relative && insn->raw.imm[0].size == 32)
		offset = insn->raw.imm[0].offset;
	else if (insn->raw.disp.size == 32 && insn->raw.modrm.mod == 0 && insn->raw.modrm.rm == 5)
		offset = insn->raw.disp.offset;
	if (!offset)
		return;
	memcpy(&displacement, piece->linked + at + offset, sizeof(displacement));
	displacement = (s32)(branch_place(piece, next + (u64)(s64)displacement) - new_next);
	memcpy(piece->place + at + offset, &displacement, sizeof(displacement));
}

static void place_code(const struct piece *piece)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	memcpy(piece->place, piece->linked, piece->bytes);
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (size_t at = 0; at < piece->bytes; at += insn.length) {
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, piece->linked + at,
							 piece->bytes - at, &insn, operands)))
			die("a version that is no whole instructions");
		correct(piece, at, &insn);
	}
}

/* The default code of every outermost site, kept from the first call on. */
static u8 *keep_defaults(const struct alt_entry *entries, size_t n)
{
	static u8 *kept;

	if (kept)
		return kept;
	kept = calloc(n, 256);
	for (size_t i = 0; i < n; i++)
		memcpy(kept + i * 256, alt_site_of(&entries[i]), entries[i].site_bytes);
	return kept;
}

static void make_writable(u8 *site, size_t n)
{
	u8 *page = (u8 *)ALIGN_DOWN((uintptr_t)site, PAGE_BYTES);

	if (mprotect(page, (size_t)(site + n - page), PROT_READ | PROT_WRITE | PROT_EXEC))
		die("text stays read-only");
}

static void restore_defaults(const struct alt_entry *entries, size_t n)
{
	const u8 *kept = keep_defaults(entries, n);

	nr_pieces = 0;
	for (size_t i = 0; i < n; i++) {
		if (entries[i].depth)
			continue;
		make_writable(alt_site_of(&entries[i]), entries[i].site_bytes);
		memcpy(alt_site_of(&entries[i]), kept + i * 256, entries[i].site_bytes);
	}
}

/* The last immediate of the instruction, as wide as it is. */
static void place_constant(const struct alt_entry *entry, u8 *place, const u64 *constants)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(
		    ZydisDecoderDecodeFull(&decoder, place, entry->site_bytes, &insn, operands)))
		die("a constant in no instruction");
	memcpy(place + insn.raw.imm[0].offset, &constants[entry->replacement],
	       insn.raw.imm[0].size / 8);
}

/* The site whose nr records begin at `first`: gives it its winner, and remembers what moved. */
static void place_site(const struct alt_entry *first, size_t nr, const struct feature_set *set,
		       const u64 *constants)
{
	u8 *linked = alt_site_of(first), *place = (u8 *)played_place((u64)linked);
	const struct alt_entry *winner = NULL;

	if (first->kind_op >> 4 == ALT_CONSTANT) {
		if (place)
			place_constant(first, place, constants);
		return;
	}
	for (size_t i = 0; i < nr; i++)
		if (place && holds(&first[i], set))
			winner = &first[i];
	if (winner) {
		/* Its first byte stays a place to go to. */
		add_piece(linked + 1, first->site_bytes - 1u, NULL);
		memset(place, 0x90, first->site_bytes);
	}
	for (size_t i = 0; i < nr; i++) {
		const u8 *version = alt_replacement_of(&first[i]);

		add_piece(version, first[i].replacement_bytes, &first[i] == winner ? place : NULL);
		if (&first[i] == winner && winner->replacement_bytes)
			place_code(&pieces[nr_pieces - 1]);
	}
}

void play_alternatives(const struct feature_set *set, const u64 *constants)
{
	size_t bytes;
	const struct alt_entry *entries = own_section(".altinstructions", &bytes);
	size_t last = bytes / sizeof(*entries);

	smap_played = feature_test(set, FEATURE_SMAP);
	restore_defaults(entries, last);
	/* Records of what is inside stand before those of what is around it. */
	while (last) {
		size_t first = last - 1;

		while (first && entries[first].kind_op >> 4 == ALT_CODE &&
		       entries[first - 1].kind_op >> 4 == ALT_CODE &&
		       alt_site_of(&entries[first - 1]) == alt_site_of(&entries[first]) &&
		       entries[first - 1].depth == entries[first].depth)
			first--;
		place_site(&entries[first], last - first, set, constants);
		last = first;
	}
	faults_follow_code();
}

const void *played_target(const void *fn)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	const u8 *code = fn;

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	for (;; code += insn.length) {
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, 15, &insn, operands)))
			die("no instruction");
		if (code[0] != 0xe8 && code[0] != 0xe9 && code[0] != 0xeb)
			continue;
		if (code != fn)
			return code + insn.length + insn.raw.imm[0].value.s;
		code += insn.raw.imm[0].value.s; /* past versions that lost */
	}
}
