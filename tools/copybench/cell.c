/* SPDX-License-Identifier: MIT */
/* The list of cells. */
#include "cell.h"

#include <stdio.h>
#include <stdlib.h>

/* Neither the string instructions nor the store buffer mind this offset: only the low twelve
 * bits of addresses are compared, and these are half a page apart. */
#define NEUTRAL 2048

static const u64 all_sizes[] = {
	1,       2,       3,       4,        6,      8,      12,      15,      16,   24,   31,
	32,      48,      63,      64,       65,     96,     127,     128,     160,  192,  224,
	256,     320,     384,     512,      768,    1024,   1500,    2048,    3072, 4096, 8192,
	KIB(16), KIB(32), KIB(64), KIB(256), MIB(1), MIB(4), MIB(16), MIB(64),
};
static const u64 quick_sizes[] = { 8, 32, 64, 128, 256, 512, 1500, 4096, KIB(64) };

static const u64 offset_sizes[] = { 64, 128, 256, 384, 512, 1024, 1500, 4096, KIB(16), KIB(64) };
static const u64 quick_offset_sizes[] = { 64, 256, 512, 4096 };

static const u32 offsets[] = {
	0,  1,  2,  3,  4,  7,  8,   12,  15,      16,   20,   24,   28,   31,
	32, 33, 48, 63, 64, 96, 256, 512, NEUTRAL, 4032, 4064, 4080, 4088, 4095,
};
static const u32 quick_offsets[] = { 0, 1, 8, 15, 16, 31, 32, 64, NEUTRAL, 4064 };

static const struct {
	u32 dst, src;
} misalignments[] = { { NEUTRAL, 3 }, { NEUTRAL + 5, 0 }, { NEUTRAL + 5, 3 } };

#define MISALIGNED_MAX_BYTES MIB(1)

static const u64 page_sizes[] = { 8, 16, 32, 64, 128, 256, 1500 };

static void add(struct cells *cells, struct cell cell)
{
	if (cells->n == cells->room) {
		cells->room = cells->room ? 2 * cells->room : 256;
		cells->list = realloc(cells->list, cells->room * sizeof(*cells->list));
		if (!cells->list)
			abort();
	}
	cell.number = (u32)cells->n;
	cells->list[cells->n++] = cell;
}

static void add_place(struct cells *cells, enum group group, bool clear, u64 bytes, u32 dst,
		      u32 src)
{
	add(cells, (struct cell){ .group = group,
				  .clear = clear,
				  .bytes = bytes,
				  .dst_off = dst,
				  .src_off = clear ? 0 : src });
}

static void add_sizes(struct cells *cells, bool clear, const struct sizes *sizes)
{
	for (size_t i = 0; i < sizes->n; i++)
		add_place(cells, GROUP_SIZES, clear, sizes->bytes[i], 0, NEUTRAL);
}

/* Clearing knows one way to be misaligned, copying three. */
static void add_misaligned(struct cells *cells, bool clear, const struct sizes *sizes)
{
	size_t first = clear ? ARRAY_SIZE(misalignments) - 1 : 0;

	for (size_t i = 0; i < sizes->n; i++) {
		if (sizes->bytes[i] > MISALIGNED_MAX_BYTES)
			continue;
		for (size_t m = first; m < ARRAY_SIZE(misalignments); m++)
			add_place(cells, GROUP_MISALIGNED, clear, sizes->bytes[i],
				  misalignments[m].dst, misalignments[m].src);
	}
}

static void add_offsets(struct cells *cells, const struct sizes *sizes, bool quick)
{
	const u32 *list = quick ? quick_offsets : offsets;
	size_t n = quick ? ARRAY_SIZE(quick_offsets) : ARRAY_SIZE(offsets);

	for (size_t i = 0; i < sizes->n; i++)
		for (size_t d = 0; d < n; d++)
			add_place(cells, GROUP_OFFSETS, false, sizes->bytes[i], list[d], 0);
}

/* The destination, the source, then both have their middle at the end of a page. */
static void add_pages(struct cells *cells, bool clear, bool quick)
{
	for (size_t i = 0; i < ARRAY_SIZE(page_sizes); i += quick ? 3 : 1) {
		u64 bytes = page_sizes[i];
		u32 before = (u32)(PAGE_BYTES - bytes / 2);

		add_place(cells, GROUP_PAGES, clear, bytes, before, before & 1023);
		if (clear)
			continue;
		add_place(cells, GROUP_PAGES, clear, bytes, before & 1023, before);
		add_place(cells, GROUP_PAGES, clear, bytes, before, before);
	}
}

static void add_mixes(struct cells *cells, bool clear)
{
	for (size_t i = 0; i < nr_mixes; i++)
		for (int sorted = 0; sorted < 2; sorted++)
			add(cells, (struct cell){ .group = GROUP_MIXES,
						  .clear = clear,
						  .mix = &mixes[i],
						  .sorted = sorted });
}

static struct sizes usual(const u64 *bytes, size_t n)
{
	struct sizes sizes = { .n = n };

	for (size_t i = 0; i < n; i++)
		sizes.bytes[i] = bytes[i];
	return sizes;
}

#define USUAL(list) usual(list, ARRAY_SIZE(list))

struct cells cells_of(bool clear, bool quick, const struct sizes *asked)
{
	struct sizes sizes = quick ? USUAL(quick_sizes) : USUAL(all_sizes);
	struct sizes at_offsets = quick ? USUAL(quick_offset_sizes) : USUAL(offset_sizes);
	struct cells cells = { 0 };

	if (asked->n)
		sizes = at_offsets = *asked;
	add_sizes(&cells, clear, &sizes);
	add_misaligned(&cells, clear, &sizes);
	if (!clear)
		add_offsets(&cells, &at_offsets, quick);
	add_pages(&cells, clear, quick);
	add_mixes(&cells, clear);
	return cells;
}

const char *group_title(enum group group, bool clear)
{
	static const char *const titles[NR_GROUPS][2] = {
		{ "copy: sizes, both sides aligned", "clear: sizes, aligned" },
		{ "copy: misaligned", "clear: misaligned" },
		{ "copy: (to - from) mod 4096 = d", "" },
		{ "copy: across the end of a page", "clear: across the end of a page" },
		{ "copy: random mixes", "clear: random mixes" },
	};

	return titles[group][clear];
}

static int size_label(u64 bytes, char *out, size_t size)
{
	if (bytes >= MIB(1))
		return snprintf(out, size, "%u MiB", (unsigned)(bytes >> 20));
	if (bytes >= KIB(2) && bytes % KIB(1) == 0)
		return snprintf(out, size, "%u KiB", (unsigned)(bytes >> 10));
	return snprintf(out, size, "%u B", (unsigned)bytes);
}

void cell_label(const struct cell *cell, char *out, size_t size)
{
	size_t n;

	if (cell->mix) {
		snprintf(out, size, "%s %s", cell->mix->name, cell->sorted ? "sorted" : "shuffled");
		return;
	}
	n = (size_t)size_label(cell->bytes, out, size);
	if (cell->group == GROUP_OFFSETS)
		snprintf(out + n, size - n, " d=%u", cell_offset(cell));
	else if (cell->group != GROUP_SIZES && cell->clear)
		snprintf(out + n, size - n, " to+%u", cell->dst_off);
	else if (cell->group != GROUP_SIZES)
		snprintf(out + n, size - n, " to+%u from+%u", cell->dst_off, cell->src_off);
}
