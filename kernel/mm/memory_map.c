/* SPDX-License-Identifier: MIT */
/* Which pages of the firmware's memory map can be used. PURE. */
#include <kernel/mm/memory_map.h>

static paddr_t range_end(const struct memory_range *range)
{
	paddr_t end = range->base + range->bytes;

	return end < range->base ? UINT64_MAX : end;
}

/* The usable range's whole pages: where they begin and end. */
static bool usable_pages(const struct memory_range *range, struct memory_stretch *pages)
{
	if (range->type != MEMORY_USABLE || range->base > UINT64_MAX - PAGE_MASK)
		return false;
	pages->start = ALIGN_UP(range->base, PAGE_BYTES);
	pages->end = ALIGN_DOWN(range_end(range), PAGE_BYTES);
	return pages->start < pages->end;
}

/* The nearest usable pages at or above `from`, holes not yet considered. */
static bool next_usable(const struct memory_range *ranges, size_t nr_ranges, paddr_t from,
			struct memory_stretch *out)
{
	struct memory_stretch pages;
	bool found = false;

	for (size_t i = 0; i < nr_ranges; i++) {
		if (!usable_pages(&ranges[i], &pages) || pages.end <= from)
			continue;
		if (pages.start < from)
			pages.start = from;
		if (!found || pages.start < out->start)
			*out = pages;
		found = true;
	}
	return found;
}

/* Cuts what [start,end) takes from *stretch: at its beginning by moving start up, further on by
 * moving end down. */
static void cut(struct memory_stretch *stretch, paddr_t start, paddr_t end)
{
	if (end <= stretch->start || start >= stretch->end || start >= end)
		return;
	if (start > stretch->start && ALIGN_DOWN(start, PAGE_BYTES) > stretch->start)
		stretch->end = ALIGN_DOWN(start, PAGE_BYTES);
	else if (end > UINT64_MAX - PAGE_MASK)
		stretch->start = stretch->end;
	else
		stretch->start = ALIGN_UP(end, PAGE_BYTES);
}

bool memory_map_next(const struct memory_range *ranges, size_t nr_ranges,
		     const struct memory_stretch *holes, size_t nr_holes, paddr_t from,
		     paddr_t limit, struct memory_stretch *out)
{
	from = ALIGN_UP(from, PAGE_BYTES);
	while (next_usable(ranges, nr_ranges, from, out) && out->start < limit) {
		if (out->end > limit)
			out->end = ALIGN_DOWN(limit, PAGE_BYTES);
		for (size_t i = 0; i < nr_ranges; i++) {
			if (ranges[i].type != MEMORY_USABLE)
				cut(out, ranges[i].base, range_end(&ranges[i]));
		}
		for (size_t i = 0; i < nr_holes; i++)
			cut(out, holes[i].start, holes[i].end);
		if (out->start < out->end)
			return true;
		from = out->start;
	}
	return false;
}
