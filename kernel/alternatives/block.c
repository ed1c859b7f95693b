/* SPDX-License-Identifier: MIT */
/* How the sites of a block nest and which code wins at each. PURE. */
#include <asm/errno.h>
#include <kernel/alternatives/block.h>
#include <kernel/alternatives/record.h>

int alt_block_begin(struct alt_block *block, const struct alt_image *image,
		    const struct alt_entry *first)
{
	const struct alt_entry *end = image->entries + image->nr_entries, *stop = first;

	block->image = image;
	block->first = first;
	block->why = NULL;
	while (stop < end && stop->depth)
		stop++;
	if (stop == end) {
		block->why = "the site is nested, but the site around it is missing";
		return -EINVAL;
	}
	block->outermost = stop;
	for (stop++; stop < end && alt_same_site(stop - 1, stop);)
		stop++;
	block->stop = stop;
	return 0;
}

static const struct alt_entry *winner_of(const struct alt_frame *frame,
					 const struct feature_set *features)
{
	if (alt_kind_of(frame->first) == ALT_CONSTANT)
		return NULL;
	for (size_t i = frame->nr; i-- > 0;)
		if (alt_holds(&frame->first[i], features))
			return &frame->first[i];
	return NULL;
}

/* The code of `parent` that the nested site lies in: 0 is the default, n the n-th version; -1: none
 * does. Where that code was linked in *code. */
static int code_around(const struct alt_frame *parent, const struct alt_frame *frame,
		       const u8 **code)
{
	size_t bytes = frame->first->site_bytes;

	*code = parent->site;
	if (alt_kind_of(parent->first) != ALT_CODE)
		return -1;
	if (alt_within(frame->site, bytes, *code, parent->first->default_bytes))
		return 0;
	for (size_t i = 0; i < parent->nr; i++) {
		*code = alt_replacement_of(&parent->first[i]);
		if (alt_within(frame->site, bytes, *code, parent->first[i].replacement_bytes))
			return (int)i + 1;
	}
	return -1;
}

/* Finds the nested site's place in the one around it. */
static const char *nest(struct alt_frame *parent, struct alt_frame *frame)
{
	const u8 *code;
	int found = code_around(parent, frame, &code);
	size_t in = (size_t)found, won;

	if (found < 0)
		return "the nested site lies in no version of the site around it";
	if (parent->nested && in >= parent->nested_in &&
	    (in > parent->nested_in || frame->site + frame->first->site_bytes > parent->nested))
		return "nested sites overlap or are not in the order of the code";
	parent->nested_in = in;
	parent->nested = frame->site;
	won = parent->winner ? (size_t)(parent->winner - parent->first) + 1 : 0;
	frame->gone = parent->gone || in != won;
	if (!frame->gone)
		frame->at = (u8)(parent->at + (frame->site - code));
	return NULL;
}

/* Enters the site of the records from `first` to `stop`. Field by field: compilers clear a whole
 * structure by a call that costs as much as all the rest. */
static const char *enter(struct alt_block *block, const struct alt_entry *first,
			 const struct alt_entry *stop)
{
	struct alt_frame *frame = &block->frames[first->depth];
	const char *why;

	frame->first = first;
	frame->nr = (size_t)(stop - first);
	frame->site = alt_site_of(first);
	frame->at = 0;
	frame->gone = false;
	frame->nested = NULL;
	frame->nested_in = 0;
	frame->piece = -1;
	why = first->depth ? nest(frame - 1, frame) : NULL;
	frame->winner = winner_of(frame, block->image->features);
	frame->code = frame->winner ? alt_replacement_of(frame->winner) : frame->site;
	frame->code_bytes = frame->winner ? frame->winner->replacement_bytes : first->site_bytes;
	return why;
}

bool alt_block_step(struct alt_block *block, const struct alt_entry **at, int *error)
{
	const struct alt_entry *stop = *at, *first = block->outermost;

	*error = 0;
	if (!stop) {
		*at = first;
		block->depth = 0;
		enter(block, first, block->stop);
		return true;
	}
	if (stop == block->first)
		return false;
	for (first = stop - 1; first > block->first && alt_same_site(first - 1, first);)
		first--;
	*at = first;
	if (!first->depth || first->depth > block->depth + 1) {
		block->why = "the site is nested, but not directly before the site around it";
	} else {
		block->depth = first->depth;
		block->why = enter(block, first, stop);
	}
	*error = block->why ? -EINVAL : 0;
	return !block->why;
}
