/* SPDX-License-Identifier: MIT */
/* The rarer needs of a pipe's ring. PURE. */
#include <kernel/fs/pipe_ring.h>

u64 pipe_ring_bytes(const struct pipe_ring *ring)
{
	u64 bytes = 0;

	for (u32 i = ring->tail; i != ring->head; i++)
		bytes += ring->pages[i & ring->mask].length;
	return bytes;
}

struct pipe_page *pipe_ring_resize(struct pipe_ring *ring, struct pipe_page *pages, u32 count)
{
	struct pipe_page *old = ring->pages;
	u32 n = ring->head - ring->tail;

	for (u32 i = 0; i < n; i++)
		pages[i] = old[(ring->tail + i) & ring->mask];
	pipe_ring_init(ring, pages, count);
	ring->head = n;
	return old;
}
