/* SPDX-License-Identifier: MIT */
/* Reads the boot information of a Multiboot2 loader such as GRUB 2. PURE. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/boot.h>

/* "Multiboot2 Specification version 2.0", section "Boot information format". */
enum {
	TAG_END = 0,
	TAG_CMDLINE = 1,
	TAG_MODULE = 3,
	TAG_MEMORY_MAP = 6,
	TAG_ACPI_OLD = 14,
	TAG_ACPI_NEW = 15,
};

/* ACPI Specification, "Root System Description Pointer (RSDP) Structure", revision 2. */
#define RSDP_BYTES 36

struct info_header {
	u32 total_bytes, reserved;
};

struct tag {
	u32 type, bytes; /* with this header, without the padding to 8 */
};

struct tag_module {
	struct tag tag;
	u32 start, end; /* physical; end is the first byte after */
};

struct tag_memory_map {
	struct tag tag;
	u32 entry_bytes, entry_version;
};

struct memory_map_entry {
	u64 base, bytes;
	u32 type, reserved;
};

/* What the tags' readers share. */
struct reader {
	struct boot_info *out;
	char *error;
	size_t error_bytes;
	bool memory_map, module, acpi_new;
};

static int bad(const struct reader *reader, const char *what)
{
	format(reader->error, reader->error_bytes, "Multiboot2 information: %s", what);
	return -EINVAL;
}

static int read_cmdline(struct reader *reader, const struct tag *tag)
{
	const char *text = (const char *)(tag + 1);
	size_t room = tag->bytes - sizeof(*tag), length = 0;

	while (length < room && text[length])
		length++;
	if (length == room)
		return bad(reader, "the command line does not end");
	return boot_set_cmdline(reader->out, text, length, reader->error, reader->error_bytes);
}

static int read_module(struct reader *reader, const struct tag *tag)
{
	const struct tag_module *module = (const void *)tag;

	if (tag->bytes < sizeof(*module))
		return bad(reader, "a module tag is too short");
	if (module->end < module->start)
		return bad(reader, "a module ends before it starts");
	if (reader->module)
		return bad(reader, "more than one module; the initramfs is the only one expected");
	reader->module = true;
	reader->out->initramfs_bytes = module->end - module->start;
	reader->out->initramfs = reader->out->initramfs_bytes ? module->start : 0;
	return 0;
}

static int read_memory_map(struct reader *reader, const struct tag *tag)
{
	const struct tag_memory_map *map = (const void *)tag;
	const u8 *entries = (const u8 *)(map + 1);

	if (tag->bytes < sizeof(*map))
		return bad(reader, "the memory map tag is too short");
	if (map->entry_bytes < sizeof(struct memory_map_entry) || map->entry_bytes % 8)
		return bad(reader, "the memory map has entries of an impossible size");
	reader->memory_map = true;
	for (u64 at = 0; at + map->entry_bytes <= tag->bytes - sizeof(*map);
	     at += map->entry_bytes) {
		const struct memory_map_entry *entry = (const void *)(entries + at);

		if (boot_map_add(reader->out, entry->base, entry->bytes, entry->type))
			return boot_map_full(reader->error, reader->error_bytes);
	}
	return 0;
}

/*
 * The tag holds a copy of the RSDP. The structure stands in memory the firmware calls usable, so
 * the copy's place is added to the map as reserved.
 */
static int read_acpi(struct reader *reader, const struct tag *tag, paddr_t address)
{
	if (tag->type == TAG_ACPI_OLD && reader->acpi_new)
		return 0;
	reader->acpi_new = tag->type == TAG_ACPI_NEW;
	reader->out->rsdp = address + sizeof(*tag);
	return 0;
}

static int read_tag(struct reader *reader, const struct tag *tag, paddr_t address)
{
	switch (tag->type) {
	case TAG_CMDLINE:
		return read_cmdline(reader, tag);
	case TAG_MODULE:
		return read_module(reader, tag);
	case TAG_MEMORY_MAP:
		return read_memory_map(reader, tag);
	case TAG_ACPI_OLD:
	case TAG_ACPI_NEW:
		return read_acpi(reader, tag, address);
	default:
		return 0;
	}
}

/* Walks the tags of a structure whose `total` bytes are known to be readable. */
static int read_tags(struct reader *reader, const u8 *data, paddr_t info, u64 total)
{
	u64 at = sizeof(struct info_header);

	for (;;) {
		const struct tag *tag = (const void *)(data + at);

		if (total - at < sizeof(*tag))
			return bad(reader, "the list of tags is cut off");
		if (tag->bytes < sizeof(*tag) || tag->bytes > total - at)
			return bad(reader, "a tag has an impossible size");
		if (tag->type == TAG_END)
			return 0;

		int error = read_tag(reader, tag, info + at);

		if (error)
			return error;
		at += ALIGN_UP((u64)tag->bytes, 8);
		if (at > total)
			return bad(reader, "the list of tags is cut off");
	}
}

int multiboot2_parse(const struct boot_window *memory, paddr_t info, struct boot_info *out,
		     char *error, size_t error_bytes)
{
	struct reader reader = { .out = out, .error = error, .error_bytes = error_bytes };
	const struct info_header *header = boot_view(memory, info, sizeof(*header));
	int result;

	*out = (struct boot_info){ .via = BOOT_VIA_MULTIBOOT2 };
	if (info % 8 || !header || header->total_bytes < sizeof(*header) ||
	    !boot_view(memory, info, header->total_bytes))
		return bad(&reader, "it is not in memory as a whole");
	result = read_tags(&reader, (const u8 *)header, info, header->total_bytes);
	if (result)
		return result;
	if (!reader.memory_map) {
		format(error, error_bytes,
		       "no memory map: the loader's Multiboot2 information has none");
		return -ENOENT;
	}
	if (out->rsdp && boot_map_add(out, out->rsdp, RSDP_BYTES, MEMORY_RESERVED))
		return boot_map_full(error, error_bytes);
	return boot_map_finish(out, error, error_bytes);
}
