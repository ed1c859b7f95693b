/* SPDX-License-Identifier: MIT */
/* Reads the start information of the PVH protocol, as `qemu -kernel` leaves it. PURE. */
#include <asm/errno.h>
#include <quench/format.h>
#include <quench/string.h>
#include <x86/boot.h>

/* Xen's public header hvm/start_info.h, version 1; version 0 ends before the memory map. */
struct start_info {
	u32 magic, version;
	u32 flags, nr_modules;
	u64 modules;
	u64 cmdline;
	u64 rsdp;
	u64 memory_map;
	u32 nr_ranges, reserved;
};
#define VERSION_0_BYTES offsetof(struct start_info, memory_map)

struct module {
	u64 base, bytes;
	u64 cmdline, reserved;
};

struct range {
	u64 base, bytes;
	u32 type, reserved;
};

/* How far a command line is followed to tell its length, once it is too long anyway. */
#define CMDLINE_SEARCH KIB(64)

struct reader {
	const struct boot_window *memory;
	struct start_info start;
	struct boot_info *out;
	char *error;
	size_t error_bytes;
};

static int bad(const struct reader *reader, const char *what)
{
	format(reader->error, reader->error_bytes, "PVH start information: %s", what);
	return -EINVAL;
}

/* Copies, because nothing says that the loader aligned its structures. */
static bool fetch(const struct boot_window *memory, paddr_t address, void *to, size_t bytes)
{
	const void *from = boot_view(memory, address, bytes);

	if (from)
		memcpy(to, from, bytes);
	return from;
}

static int read_cmdline(const struct reader *reader)
{
	paddr_t base = reader->start.cmdline;
	const char *text = boot_view(reader->memory, base, 1), *at = text;
	size_t length = 0;

	if (!base)
		return 0;
	for (; at && *at && length < CMDLINE_SEARCH;
	     at = boot_view(reader->memory, base + length, 1))
		length++;
	if (!at)
		return bad(reader, "the command line is not in memory as a whole");
	return boot_set_cmdline(reader->out, text, length, reader->error, reader->error_bytes);
}

static int read_modules(const struct reader *reader)
{
	struct module module;

	if (!reader->start.nr_modules)
		return 0;
	if (reader->start.nr_modules > 1)
		return bad(reader, "more than one module; the initramfs is the only one expected");
	if (!fetch(reader->memory, reader->start.modules, &module, sizeof(module)))
		return bad(reader, "the list of modules is not in memory as a whole");
	if (module.bytes > UINT64_MAX - module.base)
		return bad(reader, "a module wraps around the address space");
	reader->out->initramfs_bytes = module.bytes;
	reader->out->initramfs = module.bytes ? module.base : 0;
	return 0;
}

static int read_memory_map(const struct reader *reader)
{
	const struct start_info *start = &reader->start;
	struct range range;

	if (!start->memory_map || !start->nr_ranges) { /* of version 0 these were not read */
		format(reader->error, reader->error_bytes,
		       "no memory map: the loader's PVH start information (version %u) has none",
		       start->version);
		return -ENOENT;
	}
	for (u32 i = 0; i < start->nr_ranges; i++) {
		if (!fetch(reader->memory, start->memory_map + (u64)i * sizeof(range), &range,
			   sizeof(range)))
			return bad(reader, "the memory map is not in memory as a whole");
		if (boot_map_add(reader->out, range.base, range.bytes, range.type))
			return boot_map_full(reader->error, reader->error_bytes);
	}
	return boot_map_finish(reader->out, reader->error, reader->error_bytes);
}

int pvh_parse(const struct boot_window *memory, paddr_t info, struct boot_info *out, char *error,
	      size_t error_bytes)
{
	struct reader reader = { memory, { 0 }, out, error, error_bytes };
	int result;

	*out = (struct boot_info){ .via = BOOT_VIA_PVH };
	if (!fetch(memory, info, &reader.start, VERSION_0_BYTES) ||
	    (reader.start.version && !fetch(memory, info, &reader.start, sizeof(reader.start))))
		return bad(&reader, "it is not in memory as a whole");
	if (reader.start.magic != PVH_MAGIC)
		return bad(&reader, "its magic number is wrong");
	out->rsdp = reader.start.rsdp;
	result = read_cmdline(&reader);
	if (!result)
		result = read_modules(&reader);
	if (!result)
		result = read_memory_map(&reader);
	return result;
}
