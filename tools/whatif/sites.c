/* SPDX-License-Identifier: MIT */
/* A walk over the plan that tells instead of writing. */
#include "sites.h"
#include "disassemble.h"

#include <kernel/alternatives/record.h>
#include <stdlib.h>
#include <string.h>
#include <x86/cpu_features.h>

struct telling {
	const struct forge *forge;
	const struct feature_set *features;
	struct alt_image image; /* as linked */
	struct json *json;
	size_t nr_entries; /* of the resolved exception table */
	u64 outermost;     /* the address of the site the walk is in */
};

/* The code at `bytes`, which stands at `address` of the kernel, line by line. */
static void tell_code(const struct telling *telling, const char *key, const u8 *bytes, size_t n,
		      u64 address)
{
	struct json *json = telling->json;
	char text[256];
	size_t length;

	json_open(json, key, '[');
	for (size_t at = 0; at < n; at += length) {
		length = disassemble(&telling->forge->image, bytes + at, n - at, address + at, text,
				     sizeof(text));
		json_open(json, NULL, '{');
		json_address(json, "at", address + at);
		json_hex(json, "bytes", bytes + at, length);
		json_text(json, "text", text);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void tell_term(const struct telling *telling, u16 term)
{
	static const char *const registers[] = { "EAX", "EBX", "ECX", "EDX" };
	unsigned feature = term & (ALT_NOT - 1u);
	struct feature_place place = feature_place(feature);
	char text[64];

	json_open(telling->json, NULL, '{');
	json_text(telling->json, "feature", feature_name(feature));
	json_bool(telling->json, "wanted", !(term & ALT_NOT));
	json_bool(telling->json, "present", feature_test(telling->features, feature));
	if (place.leaf == CPUID_NOWHERE)
		snprintf(text, sizeof(text), "decided by rule");
	else
		snprintf(text, sizeof(text), "CPUID.%02xH.%u:%s[%u]", place.leaf, place.subleaf,
			 registers[place.reg & 3], place.bit);
	json_text(telling->json, "place", text);
	json_text(telling->json, "about", feature_text(feature));
	json_close(telling->json, '}');
}

static void tell_version(const struct telling *telling, const struct alt_site *site,
			 const struct alt_entry *entry)
{
	const u8 *code = alt_replacement_of(entry);
	char condition[ALT_CONDITION_TEXT_BYTES];

	alt_condition_text(condition, sizeof(condition), entry);
	json_open(telling->json, NULL, '{');
	json_text(telling->json, "condition", condition);
	json_bool(telling->json, "holds", alt_holds(entry, telling->features));
	json_bool(telling->json, "won", entry == site->winner);
	json_open(telling->json, "terms", '[');
	for (unsigned i = 0; i < entry->nr_terms; i++)
		tell_term(telling, entry->terms[i]);
	json_close(telling->json, ']');
	tell_code(telling, "code", code, entry->replacement_bytes,
		  forge_address(telling->forge, (uintptr_t)code));
	json_close(telling->json, '}');
}

/* The records of a site stand together; the last one of the table ends them. */
static const struct alt_entry *behind(const struct telling *telling, const struct alt_site *site)
{
	const struct alt_entry *end = telling->image.entries + telling->image.nr_entries;
	const struct alt_entry *at = site->entry + 1;

	while (at < end && alt_same_site(site->entry, at))
		at++;
	return at;
}

static void tell_versions(const struct telling *telling, const struct alt_site *site)
{
	const struct alt_entry *end = behind(telling, site);

	json_open(telling->json, "versions", '[');
	if (alt_kind_of(site->entry) == ALT_CODE)
		for (const struct alt_entry *at = site->entry; at < end; at++)
			tell_version(telling, site, at);
	json_close(telling->json, ']');
}

static bool within(u64 address, const u8 *start, size_t n)
{
	return address - (uintptr_t)start < n;
}

/* Whether code at a place was assembled as part of the site, nested ones included. */
static bool belongs(const struct telling *telling, const struct alt_site *site, u64 place)
{
	const struct alt_entry *end = behind(telling, site);

	if (within(place, site->before, site->bytes))
		return true;
	for (const struct alt_entry *at = site->entry; at < end; at++)
		if (alt_kind_of(at) == ALT_CODE &&
		    within(place, alt_replacement_of(at), at->replacement_bytes))
			return true;
	return false;
}

/* Where code at an address of the kernel runs now; 0: nowhere. */
static u64 final_address(const struct forge *forge, u64 address)
{
	u64 place = (u64)(uintptr_t)forge_at(forge, forge->forged, address);

	for (size_t i = 0; i < forge->plan.nr_moves; i++) {
		const struct text_move *move = &forge->plan.moves[i];

		if (place - move->from < move->bytes)
			return move->to ? forge_address(forge, move->to + (place - move->from)) : 0;
	}
	return address;
}

/* The resolved entry of the instruction at an address, or NULL. */
static const struct extable_entry *resolved(const struct telling *telling, u64 address)
{
	const struct forge *forge = telling->forge;

	return extable_search((void *)forge_at(forge, forge->forged, forge->image.extable.start),
			      telling->nr_entries,
			      (u64)(uintptr_t)forge_at(forge, forge->forged, address));
}

static void tell_entry(const struct telling *telling, const struct extable_entry *entry)
{
	const struct forge *forge = telling->forge;
	struct json *json = telling->json;
	u64 was = forge_address(forge, extable_insn_of(entry)), now = final_address(forge, was);
	const struct extable_entry *found = now ? resolved(telling, now) : NULL;
	char symbol[160];

	json_open(json, NULL, '{');
	json_address(json, "insn", was);
	json_text(json, "fate", !now ? "dropped" : now == was ? "stays" : "moved");
	if (found) {
		forge_symbol(forge, now, symbol, sizeof(symbol));
		json_text(json, "to", symbol);
		forge_symbol(forge, forge_address(forge, extable_fixup_of(found)), symbol,
			     sizeof(symbol));
		json_text(json, "fixup", symbol);
	}
	json_close(json, '}');
}

static void tell_entries(const struct telling *telling, const struct alt_site *site)
{
	const struct forge *forge = telling->forge;
	const struct range *table = &forge->image.extable;
	const struct extable_entry *at = (void *)forge_at(forge, forge->linked, table->start);
	const struct extable_entry *end = (void *)forge_at(forge, forge->linked, table->end);

	json_open(telling->json, "extable", '[');
	for (; at < end; at++)
		if (belongs(telling, site, extable_insn_of(at)))
			tell_entry(telling, at);
	json_close(telling->json, ']');
}

static void tell_winner(const struct telling *telling, const struct alt_site *site)
{
	char won[ALT_CONDITION_TEXT_BYTES] = "default";

	if (site->gone)
		strcpy(won, "gone");
	else if (site->winner || alt_kind_of(site->entry) == ALT_CONSTANT)
		alt_condition_text(won, sizeof(won), site->winner ? site->winner : site->entry);
	json_text(telling->json, "won", won);
}

static int tell_site(void *context, const struct alt_site *site)
{
	struct telling *telling = context;
	struct json *json = telling->json;
	u64 address = forge_address(telling->forge, (uintptr_t)site->address);
	u64 assembled = forge_address(telling->forge, (uintptr_t)site->before);
	bool changed = !site->gone && memcmp(site->before, site->after, site->bytes);
	char symbol[160];

	if (!site->depth)
		telling->outermost = address;
	forge_symbol(telling->forge, site->gone ? telling->outermost : address, symbol,
		     sizeof(symbol));
	json_open(json, NULL, '{');
	json_address(json, "site", address);
	json_text(json, "symbol", symbol);
	json_number(json, "len", site->bytes);
	json_number(json, "depth", site->depth);
	json_address(json, "outermost", telling->outermost);
	json_address(json, "assembled", assembled);
	tell_winner(telling, site);
	json_bool(json, "changed", changed);
	tell_code(telling, "before", site->before, site->bytes, assembled);
	tell_code(telling, "after", site->after, site->gone ? 0 : site->bytes, address);
	tell_versions(telling, site);
	tell_entries(telling, site);
	json_close(json, '}');
	json_end(json);
	return 0;
}

bool sites_print(const struct forge *forge, const struct feature_set *features,
		 const struct forging *result, struct json *json, char *error, size_t error_bytes)
{
	struct telling telling = {
		.forge = forge,
		.features = features,
		.image = forge_image(forge, forge->linked, features),
		.json = json,
		.nr_entries = result->extable.entries,
	};
	struct alt_problem problem;

	if (!alt_plan_visit(&telling.image, tell_site, &telling, &problem))
		return true;
	snprintf(error, error_bytes, "%s", problem.why);
	return false;
}
