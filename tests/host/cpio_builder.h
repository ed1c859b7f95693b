/* SPDX-License-Identifier: MIT */
/* Puts "newc" archives together for the tests. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct cpio_builder {
	uint8_t bytes[16384];
	size_t n;
};

static inline void cpio_put(struct cpio_builder *b, const void *data, size_t n)
{
	memcpy(b->bytes + b->n, data, n);
	b->n += n;
	while (b->n & 3)
		b->bytes[b->n++] = 0;
}

/* One file; `ino` and `nlink` matter for hard links alone. */
static inline void cpio_add_link(struct cpio_builder *b, const char *name, unsigned mode,
				 const void *data, size_t n, unsigned ino, unsigned nlink)
{
	char header[6 + 13 * 8 + 1];
	size_t start = b->n;

	snprintf(header, sizeof(header),
		 "070701%08X%08x%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ino, mode, 1000u,
		 1001u, nlink, 0x1234u, (unsigned)n, 8u, 1u, 5u, 1u, (unsigned)strlen(name) + 1,
		 0u);
	memcpy(b->bytes + start, header, 110);
	b->n += 110;
	cpio_put(b, name, strlen(name) + 1);
	cpio_put(b, data, n);
}

static inline void cpio_add(struct cpio_builder *b, const char *name, unsigned mode,
			    const char *text)
{
	cpio_add_link(b, name, mode, text, strlen(text), 7, 1);
}

static inline void cpio_close(struct cpio_builder *b)
{
	cpio_add(b, "TRAILER!!!", 0, "");
}
