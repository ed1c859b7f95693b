/* SPDX-License-Identifier: MIT */
/* Applies the alternatives of the running executable, for tests of code that contains them. It
 * knows the sites of uaccess/ only: versions as long as their site, a lone jmp or call or bytes
 * without any address. The kernel's engine has tests of its own. */
#include "fault_harness.h"

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

static void write_version(u8 *site, const u8 *version, size_t n)
{
	s32 displacement;

	memcpy(site, version, n);
	if (n != 5 || (version[0] != 0xe8 && version[0] != 0xe9))
		return;
	memcpy(&displacement, version + 1, sizeof(displacement));
	displacement += (s32)(version - site);
	memcpy(site + 1, &displacement, sizeof(displacement));
}

/* The default code of every site, kept from the first call on. */
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

void play_alternatives(const struct feature_set *set)
{
	size_t bytes;
	const struct alt_entry *entries = own_section(".altinstructions", &bytes);
	const size_t n = bytes / sizeof(*entries);
	const u8 *kept = keep_defaults(entries, n);

	smap_played = feature_test(set, FEATURE_SMAP);
	for (size_t i = 0; i < n; i++) {
		u8 *site = alt_site_of(&entries[i]);

		if (entries[i].kind_op >> 4 != ALT_CODE)
			continue;
		if (entries[i].replacement_bytes != entries[i].site_bytes)
			die("a version shorter than its site");
		make_writable(site, entries[i].site_bytes);
		/* A site's records stand together: its first finds it changed by an earlier call.
		 */
		if (!i || alt_site_of(&entries[i - 1]) != site)
			memcpy(site, kept + i * 256, entries[i].site_bytes);
		if (holds(&entries[i], set))
			write_version(site, alt_replacement_of(&entries[i]), entries[i].site_bytes);
	}
}

const void *played_target(const void *fn)
{
	size_t bytes;
	const struct alt_entry *entries = own_section(".altinstructions", &bytes);
	const u8 *first = NULL;
	s32 displacement;

	for (size_t i = 0; i < bytes / sizeof(*entries); i++) {
		const u8 *site = alt_site_of(&entries[i]);

		if (site >= (const u8 *)fn && (!first || site < first) &&
		    (site[0] == 0xe8 || site[0] == 0xe9))
			first = site;
	}
	if (!first)
		die("no chosen jmp or call there");
	memcpy(&displacement, first + 1, sizeof(displacement));
	return first + 5 + displacement;
}
