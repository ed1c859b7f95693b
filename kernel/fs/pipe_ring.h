/* SPDX-License-Identifier: MIT */
/*
 * What is queued in a pipe: a ring of pages, each with the bytes [offset, offset+length) still to
 * be read. A write appends to the newest page where its odd part, the length modulo the page's
 * size, fits there; all else starts pages of its own. So many small writes share a page, and no
 * write of PIPE_BUF bytes or less is ever split. pipe(7), and Linux's answers. PURE.
 */
#pragma once

#include <quench/types.h>

#define PIPE_PAGES     16  /* of a new pipe */
#define PIPE_PAGES_MAX 256 /* F_SETPIPE_SZ: 1 MiB, Linux's default limit */

struct pipe_page {
	u64 page; /* the caller's word for it; 0: none */
	u32 offset, length;
};

struct pipe_ring {
	struct pipe_page *pages; /* a power of two of them; the caller's memory */
	u32 mask;
	u32 head, tail; /* the next to fill, the next to read; they count on and wrap around */
};

static inline void pipe_ring_init(struct pipe_ring *ring, struct pipe_page *pages, u32 count)
{
	ring->pages = pages;
	ring->mask = count - 1;
	ring->head = ring->tail = 0;
}

static inline bool pipe_ring_empty(const struct pipe_ring *ring)
{
	return ring->head == ring->tail;
}
static inline bool pipe_ring_full(const struct pipe_ring *ring)
{
	return ring->head - ring->tail > ring->mask;
}

/* The oldest page; the ring is not empty. */
static inline struct pipe_page *pipe_ring_oldest(const struct pipe_ring *ring)
{
	return &ring->pages[ring->tail & ring->mask];
}

/* The page that a write of `bytes` begins with by appending bytes % PAGE_BYTES; NULL: none. */
static inline struct pipe_page *pipe_ring_merge(const struct pipe_ring *ring, u64 bytes)
{
	struct pipe_page *newest = &ring->pages[(ring->head - 1) & ring->mask];
	u32 odd = (u32)(bytes & PAGE_MASK);

	if (pipe_ring_empty(ring) || !odd || newest->offset + newest->length + odd > PAGE_BYTES)
		return NULL;
	return newest;
}

/* A page with `length` bytes becomes the newest; the ring is not full. */
static inline void pipe_ring_push(struct pipe_ring *ring, u64 page, u32 length)
{
	struct pipe_page *slot = &ring->pages[ring->head & ring->mask];

	slot->page = page;
	slot->offset = 0;
	slot->length = length;
	ring->head++;
}

/* n bytes of the oldest page have been read: the page when that was all of it, else 0. */
static inline u64 pipe_ring_consume(struct pipe_ring *ring, u32 n)
{
	struct pipe_page *oldest = pipe_ring_oldest(ring);

	oldest->offset += n;
	oldest->length -= n;
	if (oldest->length)
		return 0;
	ring->tail++;
	return oldest->page;
}

/* pipe_ring.c */
/* Bytes to be read. */
u64 pipe_ring_bytes(const struct pipe_ring *ring);
/* Moves the queue into `pages` of another power of two, which it must fit; returns the old array.
 */
struct pipe_page *pipe_ring_resize(struct pipe_ring *ring, struct pipe_page *pages, u32 count);
