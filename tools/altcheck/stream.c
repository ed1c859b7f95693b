/* SPDX-License-Identifier: MIT */
/* A function as it runs on processors with certain features. PURE. */
#include "stream.h"

#include <stdlib.h>

/* A version being laid out, and where it starts to run. */
struct frame {
	const struct extent *version;
	u64 base;
};

struct layout {
	struct stream *stream;
	const struct check *check;
	const struct combination *combination;
	struct frame frames[ALT_MAX_DEPTH + 1];
	unsigned nr_frames;
};

static bool lay_range(struct layout *layout, u64 from, u64 end, int extent, u64 at);

static struct step *new_step(struct stream *stream)
{
	if (stream->nr_steps == stream->room) {
		size_t room = stream->room ? 2 * stream->room : 256;
		struct step *steps = realloc(stream->steps, room * sizeof(*steps));

		if (!steps)
			return NULL;
		stream->steps = steps;
		stream->room = room;
	}
	return &stream->steps[stream->nr_steps++];
}

/* Where code assembled at `address` runs, seen from the versions being laid out. */
static u64 place(const struct layout *layout, u64 address)
{
	for (unsigned i = layout->nr_frames; i--;) {
		const struct frame *frame = &layout->frames[i];

		if (frame->version->start <= address && address <= frame->version->end)
			return frame->base + (address - frame->version->start);
	}
	return address;
}

static bool lay_insn(struct layout *layout, const struct insn *insn, u64 at)
{
	const struct check *check = layout->check;
	struct step *step = new_step(layout->stream);

	if (!step)
		return false;
	*step = (struct step){
		.at = at, .insn = insn, .bytes = insn->bytes, .from = insn->address
	};
	if (insn->branch_bytes)
		step->target = place(layout, insn->target);
	for (size_t i = entry_from(check, insn->address);
	     i < check->nr_entries && check->entries[i].insn == insn->address; i++) {
		step->fixup = place(layout, check->entries[i].fixup);
		step->nr_entries++;
	}
	return true;
}

static bool lay_padding(struct layout *layout, u64 from, u64 at, unsigned bytes)
{
	struct step *step = bytes ? new_step(layout->stream) : NULL;

	if (step)
		*step = (struct step){ .at = at, .from = from, .bytes = bytes };
	return step || !bytes;
}

static bool lay_version(struct layout *layout, const struct site *site, unsigned winner, u64 at)
{
	const struct record *record = &layout->check->records[site->first + winner];
	int extent = extent_of(layout->check, record->version);
	unsigned bytes = record->raw.replacement_bytes;
	bool done = true;

	if (bytes) {
		/* Of a version that starts with a site, the innermost extent is that site's. */
		while (layout->check->extents[extent].kind != EXTENT_VERSION)
			extent = layout->check->extents[extent].parent;
		if (layout->nr_frames == ARRAY_SIZE(layout->frames))
			return false;
		layout->frames[layout->nr_frames++] =
			(struct frame){ &layout->check->extents[extent], at };
		done = lay_range(layout, record->version, record->version + bytes, extent, at);
		layout->nr_frames--;
	}
	return done && lay_padding(layout, site->address, at + bytes, site->bytes - bytes);
}

static bool lay_site(struct layout *layout, const struct site *site, u64 at)
{
	int winner = combination_winner(layout->combination, layout->check, site);
	size_t first = layout->stream->nr_steps;
	bool done;

	if (winner >= 0)
		done = lay_version(layout, site, (unsigned)winner, at);
	else
		done = lay_range(layout, site->address, site->address + site->default_bytes,
				 site->default_extent, at) &&
		       lay_padding(layout, site->address + site->default_bytes,
				   at + site->default_bytes, site->bytes - site->default_bytes);
	if (done && first < layout->stream->nr_steps) {
		layout->stream->steps[first].opens |= site->opens;
		layout->stream->steps[first].closes |= site->closes;
	}
	return done;
}

/* The site that starts at `address` right within `extent`, or NULL. */
static const struct site *site_at(const struct check *check, u64 address, int extent)
{
	size_t low = 0, high = check->nr_good_sites;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (check->by_address[middle]->address < address)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < check->nr_good_sites && check->by_address[low]->address == address; low++)
		if (check->extents[check->by_address[low]->extent].parent == extent)
			return check->by_address[low];
	return NULL;
}

/* Lays out what was assembled at [from, end), directly within `extent`, to run at `at`. */
static bool lay_range(struct layout *layout, u64 from, u64 end, int extent, u64 at)
{
	while (from < end) {
		const struct site *site = site_at(layout->check, from, extent);
		const struct insn *insn = site ? NULL : code_at(layout->check, from);
		unsigned bytes = site ? site->bytes : insn ? insn->bytes : 0;

		if (!bytes || (site ? !lay_site(layout, site, at) : !lay_insn(layout, insn, at)))
			return false;
		from += bytes;
		at += bytes;
	}
	return true;
}

bool stream_make(struct stream *stream, const struct check *check, const struct function *function,
		 const struct combination *combination)
{
	struct layout layout = { stream, check, combination, { { NULL, 0 } }, 0 };

	stream->nr_steps = 0;
	stream->start = function->start;
	stream->end = function->end;
	return lay_range(&layout, function->start, function->end, NO_EXTENT, function->start);
}

void stream_free(struct stream *stream)
{
	free(stream->steps);
	*stream = (struct stream){ 0 };
}

struct step *stream_at(const struct stream *stream, u64 address)
{
	size_t low = 0, high = stream->nr_steps;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stream->steps[middle].at < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < stream->nr_steps && stream->steps[low].at == address ? &stream->steps[low]
									  : NULL;
}
