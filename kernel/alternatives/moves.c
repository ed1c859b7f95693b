/* SPDX-License-Identifier: MIT */
/* Stretches of code and where they go. PURE. */
#include <asm/errno.h>
#include <kernel/alternatives/moves.h>
#include <kernel/alternatives/record.h>
#include <kernel/lib/sort.h>

static u64 key(const void *item)
{
	const struct text_move *move = item;

	return move->from;
}

static const struct sort_kind by_from = { sizeof(struct text_move), key };

static inline void put(struct alt_moves *moves, size_t index, const u8 *from, size_t bytes, u64 to,
		       u64 entry)
{
	moves->moves[index] = (struct text_move){
		.from = (uintptr_t)from,
		.to = to,
		.entry = entry,
		.bytes = (u32)bytes,
		.unit = moves->unit,
	};
}

/* Adds a stretch and returns its index; -ENOSPC. */
static inline int add(struct alt_moves *moves, const u8 *from, size_t bytes, u64 to, u64 entry)
{
	const struct alt_range *versions = &moves->versions;
	size_t index, room = moves->max - moves->max_nested;

	if (moves->nr + moves->nr_versions >= room)
		return -ENOSPC;
	if (from >= versions->start && from < versions->stop)
		index = room - ++moves->nr_versions;
	else
		index = moves->nr++;
	put(moves, index, from, bytes, to, entry);
	return (int)index;
}

/* The same for a version of a site at that depth: one for each record. */
static inline int add_version(struct alt_moves *moves, unsigned depth, const u8 *from, size_t bytes,
			      u64 to)
{
	size_t index = moves->max - moves->max_nested + moves->nr_nested;

	if (!depth)
		return add(moves, from, bytes, to, to);
	if (moves->nr_nested == moves->max_nested)
		return -ENOSPC;
	moves->nr_nested++;
	put(moves, index, from, bytes, to, to);
	return (int)index;
}

static int add_losers(struct alt_moves *moves, unsigned depth, const struct alt_frame *frame)
{
	for (size_t i = 0; i < frame->nr; i++) {
		const struct alt_entry *entry = &frame->first[i];
		int index;

		if (entry == frame->winner && !frame->gone)
			continue;
		index = add_version(moves, depth, alt_replacement_of(entry),
				    entry->replacement_bytes, 0);
		if (index < 0)
			return index;
	}
	return 0;
}

/*
 * Takes the nested site out of the stretch it stands in, as it is replaced by other code. Later
 * siblings came before, so what is left of the stretch ends at or behind the site; the part behind
 * becomes a stretch of its own.
 */
static int punch(struct alt_moves *moves, int piece, const struct alt_frame *frame)
{
	struct text_move *around = &moves->moves[piece];
	size_t bytes = frame->first->site_bytes;
	u64 before = (uintptr_t)frame->site - around->from;
	u64 behind = around->bytes - before - bytes, to = around->to + before;
	int index = add(moves, frame->site, bytes, 0, to);

	if (index >= 0 && behind)
		index = add(moves, frame->site + bytes, behind, to + bytes, to + bytes);
	around->bytes = (u32)before;
	return index;
}

/* A site that stays is a stretch as well until the end: overlaps with it show. */
static int add_site(struct alt_moves *moves, struct alt_block *block, struct alt_frame *frame)
{
	u64 place = (uintptr_t)alt_block_address(block) + frame->at;
	int index = 0;

	if (!block->depth)
		index = add(moves, frame->site, frame->first->site_bytes, frame->winner ? 0 : place,
			    place);
	else if (frame->winner)
		index = punch(moves, frame[-1].piece, frame);
	if (index < 0)
		return index;
	if (frame->winner)
		index = add_version(moves, block->depth, frame->code, frame->code_bytes, place);
	else if (block->depth)
		index = frame[-1].piece;
	frame->piece = index;
	return index;
}

int alt_moves_add(struct alt_moves *moves, struct alt_block *block)
{
	struct alt_frame *frame = &block->frames[block->depth];
	int error;

	if (alt_kind_of(frame->first) == ALT_CONSTANT && block->depth)
		return 0;
	error = alt_kind_of(frame->first) == ALT_CODE ? add_losers(moves, block->depth, frame) : 0;
	if (!error && !frame->gone)
		error = add_site(moves, block, frame);
	return error < 0 ? error : 0;
}

static inline void keep(struct text_move *moves, size_t place, const struct text_move *move)
{
	if (&moves[place] != move)
		moves[place] = *move;
}

/* Brings the three parts together, without the empty stretches. */
static void gather(struct alt_moves *moves)
{
	struct text_move *m = moves->moves, *nested = m + moves->max - moves->max_nested;
	struct text_move *versions = nested - moves->nr_versions;
	size_t kept = 0;

	for (size_t i = 0; i < moves->nr_versions / 2; i++)
		sort_swap(&by_from, &versions[i], &versions[moves->nr_versions - 1 - i]);
	for (size_t i = 0; i < moves->nr; i++)
		if (m[i].bytes)
			keep(m, kept++, &m[i]);
	for (size_t i = 0; i < moves->nr_versions; i++)
		if (versions[i].bytes)
			keep(m, kept++, &versions[i]);
	for (size_t i = 0; i < moves->nr_nested; i++)
		if (nested[i].bytes)
			keep(m, kept++, &nested[i]);
	moves->nr = kept;
}

const u8 *alt_moves_finish(struct alt_moves *moves)
{
	struct text_move *m = moves->moves;
	size_t kept = 0;
	u64 end = 0;

	gather(moves);
	sort_table(&by_from, m, moves->nr);
	for (size_t i = 0; i < moves->nr; i++) {
		if (m[i].from < end)
			return (const u8 *)(uintptr_t)m[i].from;
		end = m[i].from + m[i].bytes;
		if (m[i].to != m[i].from)
			keep(m, kept++, &m[i]);
	}
	moves->nr = kept;
	return NULL;
}
