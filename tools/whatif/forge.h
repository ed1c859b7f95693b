/* SPDX-License-Identifier: MIT */
/*
 * The kernel's text as it will be once patched, sealed and hashed: made by the kernel's own PURE
 * code, in memory that keeps the image's layout. Reads quench.elf.
 */
#pragma once

#include "../altcheck/image.h"

#include <arch/feature.h>
#include <kernel/alternatives/plan.h>
#include <kernel/extable/resolve.h>
#include <kernel/lib/sha256.h>
#include <quench/text_move.h>
#include <stdio.h>

/*
 * All that patching reads or writes, from text to the last table, twice. Records, displacements and
 * entries refer to one another by distance, so an address of the kernel and its place in `forged`
 * differ by a constant.
 */
struct forge {
	struct image image;
	u64 base;     /* the address of the first byte of both */
	size_t bytes; /* of each */
	u8 *linked;   /* as the file has it */
	u8 *forged;   /* as forge_text left it */
	struct alt_plan plan;
	u64 constants[NR_ALT_CONSTANTS];
};

/* What came of it, in the words of the records `patch`, `extable` and `digest`. */
struct forging {
	size_t sites, changed;
	struct extable_counts extable;
	char digest[SHA256_HEX_LENGTH + 1];
};

/* Opens the image; false after a message on standard error. Call forge_close in any case. */
bool forge_open(struct forge *forge, const char *path);
void forge_close(struct forge *forge);

/* Forges text and exception table anew for the features and the values of the runtime constants;
 * false with a sentence in `error`. */
bool forge_text(struct forge *forge, const struct feature_set *features, const u64 *constants,
		struct forging *result, char *error, size_t error_bytes);

/* What alt_plan_* want to know; `memory` is forge->linked for a walk that is to change nothing. */
struct alt_image forge_image(const struct forge *forge, u8 *memory,
			     const struct feature_set *features);

/* Writes the bytes the digest is of: text, then the exception table. */
bool forge_write(const struct forge *forge, FILE *out);

/* The address of a place in either memory, and the place in `memory` of an address. */
static inline u64 forge_address(const struct forge *forge, u64 place)
{
	u64 linked = (u64)(uintptr_t)forge->linked, forged = (u64)(uintptr_t)forge->forged;

	return place - (place - linked < forge->bytes ? linked : forged) + forge->base;
}
static inline u8 *forge_at(const struct forge *forge, u8 *memory, u64 address)
{
	return memory + (address - forge->base);
}

/* Marks the features that matter for some text of this kernel: those a condition names, and those
 * the copy policy chooses by. */
void forge_matter(const struct forge *forge, struct feature_set *set);

/* "copy_to_user+0x1c" of an address in text. */
void forge_symbol(const struct forge *forge, u64 address, char *out, size_t size);
