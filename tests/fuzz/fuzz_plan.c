/* SPDX-License-Identifier: MIT */
/* Any records over any text: refused, or planned within bounds and by the moves' own rules. */
#include <kernel/alternatives/plan.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes);

static void check(bool holds)
{
	if (!holds)
		abort();
}

#define TEXT_BYTES  256
#define MAX_ENTRIES 8
#define MAX_MOVES   (3 * MAX_ENTRIES)

/* One after another as the linker puts them; records point at the other two. */
static struct {
	u8 text[TEXT_BYTES];
	u8 versions[TEXT_BYTES];
	struct alt_entry entries[MAX_ENTRIES];
} world;

/* One record from 12 bytes: its addresses lie in the world or just outside. */
#define RECORD_BYTES 12
static void make_record(struct alt_entry *entry, const u8 *raw)
{
	const u8 *site = (raw[9] & 1 ? world.versions : world.text) + raw[0];
	const u8 *version = world.versions + raw[1];

	*entry = (struct alt_entry){
		.site = (s32)(site - (u8 *)&entry->site),
		.replacement = (s32)(version - (u8 *)&entry->replacement),
		.site_bytes = raw[2],
		.replacement_bytes = raw[3],
		.default_bytes = raw[4],
		.kind_op = raw[5] & 0x13,
		.terms = { raw[6] | (raw[9] & 2 ? ALT_NOT : 0), raw[7] },
		.nr_terms = raw[8] & 3,
		.depth = raw[10] & 7,
	};
	if (entry->kind_op >> 4 == ALT_CONSTANT)
		entry->replacement = raw[1] & 1;
}

struct seen {
	const struct alt_image *image;
	u8 covered[TEXT_BYTES];  /* by an outermost site */
	u8 expected[TEXT_BYTES]; /* the text when all is written */
};

static int see(void *context, const struct alt_site *site)
{
	struct seen *seen = context;
	size_t at = (size_t)(site->address - world.text);

	check(site->entry >= seen->image->entries &&
	      site->entry < seen->image->entries + seen->image->nr_entries);
	if (site->gone)
		return 0;
	check(at < TEXT_BYTES && site->bytes && site->bytes <= TEXT_BYTES - at);
	for (size_t i = 0; i < site->bytes; i++) {
		check(site->depth ? seen->covered[at + i] : !seen->covered[at + i]);
		seen->covered[at + i] = 1;
		check(!site->depth || seen->expected[at + i] == site->after[i]);
		seen->expected[at + i] = site->after[i];
	}
	return 0;
}

static void write_checked(void *site, const u8 *bytes, size_t n)
{
	size_t at = (size_t)((u8 *)site - world.text);

	check(at < TEXT_BYTES && n && n <= TEXT_BYTES - at);
	check(memcmp(site, bytes, n) != 0);
	memcpy(site, bytes, n);
}

static void check_moves(const struct text_move *moves, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check(moves[i].bytes && moves[i].from != moves[i].to);
		check(!i || moves[i - 1].from + moves[i - 1].bytes <= moves[i].from);
		check(!moves[i].to || moves[i].to - (uintptr_t)world.text < TEXT_BYTES);
		for (size_t j = 0; moves[i].to && j < i; j++)
			check(!moves[j].to || moves[j].to + moves[j].bytes <= moves[i].to ||
			      moves[i].to + moves[i].bytes <= moves[j].to);
	}
}

/* The input is two bytes of features and constant, records up to a zero count, text, versions. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t bytes)
{
	struct feature_set features = { { 0 } };
	u64 constants[NR_ALT_CONSTANTS] = { 0 };
	struct text_move moves[MAX_MOVES];
	struct alt_problem problem;
	struct alt_image image = {
		.entries = world.entries,
		.text = { world.text, world.text + TEXT_BYTES },
		.early = { world.text, world.text + 8 },
		.replacements = { world.versions, world.versions + TEXT_BYTES },
		.features = &features,
		.constants = constants,
	};
	struct seen seen = { .image = &image };
	static u8 plan_bytes[TEXT_BYTES];
	struct alt_plan plan = {
		.moves = moves,
		.max_moves = MAX_MOVES,
		.bytes = plan_bytes,
		.max_bytes = sizeof(plan_bytes),
	};

	if (bytes < 3)
		return 0;
	features.word[0] = data[0];
	constants[0] = data[1];
	image.nr_entries = data[2] % (MAX_ENTRIES + 1);
	data += 3;
	bytes -= 3;
	if (bytes < RECORD_BYTES * image.nr_entries)
		return 0;
	for (size_t i = 0; i < image.nr_entries; i++)
		make_record(&world.entries[i], data + RECORD_BYTES * i);
	data += RECORD_BYTES * image.nr_entries;
	bytes -= RECORD_BYTES * image.nr_entries;
	memset(world.text, 0x90, TEXT_BYTES);
	memset(world.versions, 0x90, TEXT_BYTES);
	memcpy(&world, data, bytes < 2 * TEXT_BYTES ? bytes : 2 * TEXT_BYTES);
	memcpy(seen.expected, world.text, TEXT_BYTES);
	if (alt_plan_make(&image, &plan, &problem)) {
		check(problem.why);
		return 0;
	}
	check_moves(moves, plan.nr_moves);
	check(!alt_plan_visit(&image, see, &seen, &problem));
	check(plan.nr_bytes <= alt_plan_max_bytes(image.entries, image.nr_entries));
	alt_plan_write(&image, &plan, write_checked);
	check(!memcmp(world.text, seen.expected, TEXT_BYTES));
	return 0;
}
