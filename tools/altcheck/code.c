/* SPDX-License-Identifier: MIT */
/* Every instruction of text, function by function, and of the versions; rule `whole-instructions`
 * for functions and versions. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

static bool add_function(struct check *check, u64 start, u64 end, const char *name)
{
	if (start < end)
		check->functions[check->nr_functions++] = (struct function){ start, end, name };
	return true;
}

/* Functions as the symbols have them; what lies between two belongs to the one before. */
static bool list_functions(struct check *check)
{
	const struct image *image = &check->image;
	u64 at = image->text.start;
	const char *before = "text";

	check->functions = calloc(2 * image->nr_symbols + 2, sizeof(*check->functions));
	if (!check->functions)
		return false;
	for (size_t i = 0; i < image->nr_symbols; i++) {
		const struct symbol *symbol = &image->symbols[i];
		u64 end = symbol->address + symbol->bytes;

		if (!symbol->function || !range_has(&image->text, symbol->address) ||
		    symbol->address < at || end > image->text.end)
			continue;
		add_function(check, at, symbol->address, before);
		add_function(check, symbol->address, end, symbol->name);
		before = symbol->name;
		at = end;
	}
	return add_function(check, at, image->text.end, before);
}

static struct insn *new_insn(struct check *check)
{
	if (check->nr_code == check->room_for_code) {
		size_t room = check->room_for_code ? 2 * check->room_for_code : 4096;
		struct insn *code = realloc(check->code, room * sizeof(*code));

		if (!code)
			abort();
		check->code = code;
		check->room_for_code = room;
	}
	return &check->code[check->nr_code++];
}

/* Filler between functions that no instruction is made of. */
static bool is_filler(const u8 *code, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (code[i])
			return false;
	return true;
}

static void decode_range(struct check *check, u64 start, u64 end, const char *what)
{
	const u8 *code = image_bytes(&check->image, start, end - start);

	for (u64 at = start; code && at < end;) {
		struct insn *insn = new_insn(check);

		if (!decode(insn, code + (at - start), end - at, at)) {
			check->nr_code--;
			if (!is_filler(code + (at - start), end - at))
				report(check, RULE_WHOLE_INSTRUCTIONS, at,
				       "%s does not end in whole instructions", what);
			return;
		}
		at += insn->bytes;
	}
}

static int by_address(const void *left, const void *right)
{
	const struct insn *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

bool code_read(struct check *check)
{
	if (!list_functions(check))
		return false;
	for (size_t i = 0; i < check->nr_functions; i++)
		decode_range(check, check->functions[i].start, check->functions[i].end,
			     "the function");
	for (size_t i = 0; i < check->nr_extents; i++)
		if (check->extents[i].kind == EXTENT_VERSION)
			decode_range(check, check->extents[i].start, check->extents[i].end,
				     "the version");
	if (check->nr_code)
		qsort(check->code, check->nr_code, sizeof(*check->code), by_address);
	return true;
}

size_t code_from(const struct check *check, u64 address)
{
	size_t low = 0, high = check->nr_code;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (check->code[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct insn *code_at(const struct check *check, u64 address)
{
	size_t i = code_from(check, address);

	return i < check->nr_code && check->code[i].address == address ? &check->code[i] : NULL;
}

const struct function *code_function(const struct check *check, u64 address)
{
	size_t low = 0, high = check->nr_functions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (check->functions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < check->nr_functions && range_has(&(struct range){ check->functions[low].start,
								       check->functions[low].end },
						      address)
		       ? &check->functions[low]
		       : NULL;
}

size_t sites_from(const struct check *check, u64 address)
{
	size_t low = 0, high = check->nr_good_sites;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (check->by_root[middle]->root < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
