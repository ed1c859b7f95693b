/* SPDX-License-Identifier: MIT */
/* The steps of kernel/main.c from the linked image to the digest of the sealed text. */
#include "forge.h"

#include <kernel/alternatives/record.h>
#include <stdlib.h>
#include <string.h>
#include <x86/cpu_policy.h>

static bool copy_range(struct forge *forge, const struct range *range)
{
	size_t n = range->end - range->start;
	const u8 *bytes = n ? image_bytes(&forge->image, range->start, n) : NULL;

	if (bytes)
		memcpy(forge->linked + (range->start - forge->base), bytes, n);
	return bytes || !n;
}

static bool load(struct forge *forge)
{
	const struct range *ranges[] = { &forge->image.text, &forge->image.extable,
					 &forge->image.alts, &forge->image.versions };
	u64 end = 0;

	forge->base = UINT64_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		forge->base = ranges[i]->start < forge->base ? ranges[i]->start : forge->base;
		end = ranges[i]->end > end ? ranges[i]->end : end;
	}
	forge->base = ALIGN_DOWN(forge->base, PAGE_BYTES);
	forge->bytes = ALIGN_UP(end - forge->base, PAGE_BYTES);
	forge->linked = aligned_alloc(PAGE_BYTES, forge->bytes);
	forge->forged = aligned_alloc(PAGE_BYTES, forge->bytes);
	if (!forge->linked || !forge->forged)
		return false;
	memset(forge->linked, 0, forge->bytes);
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (!copy_range(forge, ranges[i]))
			return false;
	memcpy(forge->forged, forge->linked, forge->bytes);
	return true;
}

static size_t nr_records(const struct forge *forge)
{
	return (forge->image.alts.end - forge->image.alts.start) / sizeof(struct alt_entry);
}

static void make_room(struct forge *forge)
{
	const void *records = forge_at(forge, forge->linked, forge->image.alts.start);
	struct alt_plan *plan = &forge->plan;

	plan->max_moves = alt_plan_max_moves(nr_records(forge));
	plan->moves = calloc(plan->max_moves + 1, sizeof(*plan->moves));
	plan->max_bytes = alt_plan_max_bytes(records, nr_records(forge));
	plan->bytes = malloc(plan->max_bytes + 1);
}

bool forge_open(struct forge *forge, const char *path)
{
	memset(forge, 0, sizeof(*forge));
	if (!image_open(&forge->image, path))
		return false;
	if (!load(forge)) {
		fprintf(stderr, "whatif: %s: its tables cannot be read\n", path);
		return false;
	}
	make_room(forge);
	if (!forge->plan.moves || !forge->plan.bytes)
		fprintf(stderr, "whatif: out of memory\n");
	return forge->plan.moves && forge->plan.bytes;
}

void forge_close(struct forge *forge)
{
	image_close(&forge->image);
	free(forge->linked);
	free(forge->forged);
	free(forge->plan.moves);
	free(forge->plan.bytes);
}

static struct alt_range range_of(const struct forge *forge, u8 *memory, const struct range *range)
{
	return (struct alt_range){ forge_at(forge, memory, range->start),
				   forge_at(forge, memory, range->end) };
}

struct alt_image forge_image(const struct forge *forge, u8 *memory,
			     const struct feature_set *features)
{
	const struct image *image = &forge->image;

	return (struct alt_image){
		.entries = (const void *)forge_at(forge, memory, image->alts.start),
		.nr_entries = nr_records(forge),
		.text = range_of(forge, memory, &image->text),
		.early = range_of(forge, memory, &image->early),
		.replacements = range_of(forge, memory, &image->versions),
		.features = features,
		.constants = forge->constants,
	};
}

static int count_site(void *context, const struct alt_site *site)
{
	size_t *sites = context;

	++*sites;
	return 0;
}

static void write_site(void *site, const u8 *bytes, size_t n)
{
	memcpy(site, bytes, n);
}

/* What alternatives_apply does. */
static int patch(struct forge *forge, const struct feature_set *features, struct forging *result,
		 char *error, size_t error_bytes)
{
	const struct alt_image image = forge_image(forge, forge->forged, features);
	struct alt_problem problem;
	char symbol[128] = "the table of alternatives";
	int status = alt_plan_make(&image, &forge->plan, &problem);

	if (!status)
		status = alt_plan_visit(&image, count_site, &result->sites, &problem);
	if (!status) {
		result->changed = alt_plan_write(&image, &forge->plan, write_site);
		return 0;
	}
	if (problem.entry)
		forge_symbol(forge, forge_address(forge, (uintptr_t)alt_site_of(problem.entry)),
			     symbol, sizeof(symbol));
	snprintf(error, error_bytes, "%s: %s", symbol, problem.why);
	return status;
}

static int resolve(struct forge *forge, struct forging *result, char *error, size_t error_bytes)
{
	const struct range *table = &forge->image.extable;
	struct extable_problem problem;
	char symbol[128];
	int status = extable_resolve((void *)forge_at(forge, forge->forged, table->start),
				     (table->end - table->start) / sizeof(struct extable_entry),
				     forge->plan.moves, forge->plan.nr_moves, &result->extable,
				     &problem);

	if (!status)
		return 0;
	forge_symbol(forge, forge_address(forge, problem.insn), symbol, sizeof(symbol));
	snprintf(error, error_bytes, "%s: %s", symbol, problem.why);
	return status;
}

static void digest(const struct forge *forge, char hex[SHA256_HEX_LENGTH + 1])
{
	const struct range *text = &forge->image.text, *table = &forge->image.extable;
	struct sha256 hash;
	u8 bytes[SHA256_BYTES];

	sha256_init(&hash);
	sha256_feed(&hash, forge_at(forge, forge->forged, text->start), text->end - text->start);
	sha256_feed(&hash, forge_at(forge, forge->forged, table->start), table->end - table->start);
	sha256_finish(&hash, bytes);
	sha256_hex(bytes, hex);
}

bool forge_text(struct forge *forge, const struct feature_set *features, const u64 *constants,
		struct forging *result, char *error, size_t error_bytes)
{
	memset(result, 0, sizeof(*result));
	memcpy(forge->constants, constants, sizeof(forge->constants));
	memcpy(forge->forged, forge->linked, forge->bytes);
	if (patch(forge, features, result, error, error_bytes) ||
	    resolve(forge, result, error, error_bytes))
		return false;
	digest(forge, result->digest);
	return true;
}

bool forge_write(const struct forge *forge, FILE *out)
{
	const struct range *ranges[] = { &forge->image.text, &forge->image.extable };

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		size_t n = ranges[i]->end - ranges[i]->start;

		if (fwrite(forge_at(forge, forge->forged, ranges[i]->start), 1, n, out) != n)
			return false;
	}
	return true;
}

void forge_matter(const struct forge *forge, struct feature_set *set)
{
	const struct alt_image image = forge_image(forge, forge->linked, NULL);

	*set = (struct feature_set){ 0 };
	for (unsigned i = 0; i < NR_FEATURES; i++)
		if (copy_policy_asks(i))
			feature_add(set, i);
	for (size_t i = 0; i < image.nr_entries; i++)
		for (unsigned k = 0; k < image.entries[i].nr_terms && k < ALT_MAX_TERMS; k++)
			feature_add(set,
				    (image.entries[i].terms[k] & (ALT_NOT - 1u)) % NR_FEATURES);
}

void forge_symbol(const struct forge *forge, u64 address, char *out, size_t size)
{
	const struct symbol *symbol = image_symbol(&forge->image, address);

	if (symbol && range_has(&forge->image.text, address))
		snprintf(out, size, "%s+0x%lx", symbol->name, address - symbol->address);
	else
		snprintf(out, size, "0x%lx", address);
}
