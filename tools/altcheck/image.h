/* SPDX-License-Identifier: MIT */
/* The kernel image as a file: sections, bytes by address, symbols. Reads with libelf. */
#pragma once

#include <quench/types.h>

struct range {
	u64 start, end; /* [start, end) */
};

struct symbol {
	u64 address;
	u64 bytes; /* 0: the symbol has no size */
	const char *name;
	bool function;
};

struct image {
	const char *path;
	struct symbol *symbols; /* by address; for one address the sized ones first */
	size_t nr_symbols;
	struct range text, early, alts, versions, extable;
	/* private */
	void *elf;
	int fd;
};

/* Opens and reads all; false after a message on standard error. Call image_close in any case. */
bool image_open(struct image *image, const char *path);
void image_close(struct image *image);

/* The n bytes that load at `address`; NULL when they are not all in one section's contents. */
const u8 *image_bytes(const struct image *image, u64 address, size_t n);

/* The function `address` lies in, or the nearest symbol before it; NULL when there is none. */
const struct symbol *image_symbol(const struct image *image, u64 address);

static inline bool range_has(const struct range *range, u64 address)
{
	return range->start <= address && address < range->end;
}

static inline bool range_holds(const struct range *range, u64 address, u64 bytes)
{
	return range->start <= address && address <= range->end && bytes <= range->end - address;
}
