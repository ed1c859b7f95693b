/* SPDX-License-Identifier: MIT */
/* The walk over all blocks: once to check them, again to show them. PURE. */
#include <asm/errno.h>
#include <kernel/alternatives/block.h>
#include <kernel/alternatives/moves.h>
#include <kernel/alternatives/plan.h>
#include <kernel/alternatives/record.h>
#include <quench/compiler.h>
#include <quench/string.h>

static int refuse(struct alt_problem *problem, const struct alt_entry *entry, const char *why,
		  int error)
{
	*problem = (struct alt_problem){ entry, why };
	return error;
}

static int check_records(const struct alt_image *image, struct alt_problem *problem)
{
	for (size_t i = 0; i < image->nr_entries; i++) {
		const char *why = alt_record_defect(image, &image->entries[i]);

		if (why)
			return refuse(problem, &image->entries[i], why, -EINVAL);
	}
	return 0;
}

static int no_room(struct alt_problem *problem)
{
	return refuse(problem, NULL, "there is no room for the moves", -ENOSPC);
}

static size_t nr_nested(const struct alt_image *image)
{
	size_t nested = 0;

	for (size_t i = 0; i < image->nr_entries; i++)
		nested += image->entries[i].depth != 0;
	return nested;
}

/* Makes the block's bytes and, unless `moves` is NULL, its stretches. */
static int resolve_block(struct alt_block *block, struct alt_moves *moves,
			 struct alt_problem *problem)
{
	const struct alt_entry *at = NULL;
	int error = 0;

	if (moves)
		moves->unit++;
	for (block->nr_sites = 0; at != block->first; block->nr_sites++) {
		if (!alt_block_step(block, &at, &error))
			break;
		error = alt_block_place(block);
		if (error)
			break;
		error = moves ? alt_moves_add(moves, block) : 0;
		if (error)
			return no_room(problem);
	}
	return error ? refuse(problem, at, block->why, error) : 0;
}

/* Where the block's bytes are made: at the end of the plan's, if it wants any. */
static int take_room(struct alt_block *block, struct alt_plan *plan, struct alt_problem *problem)
{
	size_t n = block->outermost->site_bytes;

	block->bytes = block->own_bytes;
	if (!plan || !plan->bytes)
		return 0;
	if (n > plan->max_bytes - plan->nr_bytes)
		return refuse(problem, NULL, "there is no room for the bytes", -ENOSPC);
	block->bytes = plan->bytes + plan->nr_bytes;
	plan->nr_bytes += n;
	return 0;
}

/* The next block, resolved; false when there is none left, or with *error. `plan` and `moves` are
 * NULL for who has them. */
static bool next_block(struct alt_block *block, const struct alt_image *image,
		       const struct alt_entry **at, struct alt_plan *plan, struct alt_moves *moves,
		       struct alt_problem *problem, int *error)
{
	const struct alt_entry *first = *at ? *at : image->entries;

	*error = 0;
	if (first == image->entries + image->nr_entries)
		return false;
	*error = alt_block_begin(block, image, first);
	if (*error)
		return refuse(problem, first, block->why, *error), false;
	*error = take_room(block, plan, problem);
	if (!*error)
		*error = resolve_block(block, moves, problem);
	*at = block->stop;
	return !*error;
}

/* The record whose site or version holds the address. */
static const struct alt_entry *record_at(const struct alt_image *image, const u8 *address)
{
	for (size_t i = 0; i < image->nr_entries; i++) {
		const struct alt_entry *entry = &image->entries[i];

		if (alt_within(address, 1, alt_site_of(entry), entry->site_bytes) ||
		    (alt_kind_of(entry) == ALT_CODE &&
		     alt_within(address, 1, alt_replacement_of(entry), entry->replacement_bytes)))
			return entry;
	}
	return NULL;
}

size_t alt_plan_max_bytes(const struct alt_entry *entries, size_t n)
{
	size_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (!entries[i].depth)
			bytes += entries[i].site_bytes;
	return bytes;
}

int alt_plan_make(const struct alt_image *image, struct alt_plan *plan, struct alt_problem *problem)
{
	struct alt_moves made = { .moves = plan->moves,
				  .max = plan->max_moves,
				  .versions = image->replacements };
	const struct alt_entry *at = NULL;
	struct alt_block block;
	const u8 *overlap;
	int error = check_records(image, problem);

	made.max_nested = nr_nested(image);
	if (!error && made.max_nested > made.max)
		error = no_room(problem);
	plan->nr_moves = plan->nr_bytes = plan->nr_sites = 0;
	while (!error && next_block(&block, image, &at, plan, &made, problem, &error))
		plan->nr_sites += block.nr_sites;
	if (error)
		return error;
	overlap = alt_moves_finish(&made);
	if (overlap)
		return refuse(problem, record_at(image, overlap), "it overlaps another site",
			      -EINVAL);
	plan->nr_moves = made.nr;
	return 0;
}

int alt_plan_check(const struct alt_image *image, struct text_move *moves, size_t max_moves,
		   size_t *nr_moves, struct alt_problem *problem)
{
	struct alt_plan plan = { .moves = moves, .max_moves = max_moves };
	int error = alt_plan_make(image, &plan, problem);

	*nr_moves = plan.nr_moves;
	return error;
}

/* Not memcmp: that may be a site one day. */
static __early bool differ(const u8 *a, const u8 *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i])
			return true;
	return false;
}

__early size_t alt_plan_write(const struct alt_image *image, const struct alt_plan *plan,
			      alt_write_fn write)
{
	const struct alt_entry *entry = image->entries, *stop = entry + image->nr_entries;
	const u8 *bytes = plan->bytes;
	size_t changed = 0;

	for (; entry < stop; entry++) {
		if (entry->depth || (entry + 1 < stop && alt_same_site(entry, entry + 1)))
			continue;
		if (differ(alt_site_of(entry), bytes, entry->site_bytes)) {
			write(alt_site_of(entry), bytes, entry->site_bytes);
			changed++;
		}
		bytes += entry->site_bytes;
	}
	return changed;
}

static struct alt_site describe(const struct alt_block *block)
{
	const struct alt_frame *frame = &block->frames[block->depth];
	struct alt_site site = {
		.entry = frame->first,
		.winner = frame->gone ? NULL : frame->winner,
		.address = alt_site_of(frame->first),
		.before = frame->site,
		.bytes = frame->first->site_bytes,
		.depth = (u8)block->depth,
		.gone = frame->gone,
	};

	if (!frame->gone) {
		site.address = alt_block_address(block) + frame->at;
		site.after = block->bytes + frame->at;
	}
	return site;
}

static int visit_block(struct alt_block *block, alt_visit_fn visit, void *context)
{
	const struct alt_entry *at = NULL;
	int error;

	while (alt_block_step(block, &at, &error)) {
		struct alt_site site = describe(block);

		error = visit(context, &site);
		if (error)
			return error;
	}
	return error;
}

int alt_plan_visit(const struct alt_image *image, alt_visit_fn visit, void *context,
		   struct alt_problem *problem)
{
	const struct alt_entry *at = NULL;
	struct alt_block block;
	int error = 0;

	*problem = (struct alt_problem){ NULL, NULL };
	while (!error && next_block(&block, image, &at, NULL, NULL, problem, &error))
		error = visit_block(&block, visit, context);
	return error;
}
