/* SPDX-License-Identifier: MIT */
/* Anonymous memory that several mappings share: MAP_SHARED | MAP_ANONYMOUS. Process context. */
#pragma once

#include <quench/types.h>

struct shared_memory;

/* Of so many bytes, all zero, with one reference; NULL when memory is out. */
struct shared_memory *shared_memory_create(u64 bytes);
void shared_memory_get(struct shared_memory *memory);
/* The last one frees its pages. */
void shared_memory_put(struct shared_memory *memory);

/* The page with this number, with a reference added (page_put). 0; -EIO beyond the end; -ENOMEM. */
int shared_memory_page(struct shared_memory *memory, u64 index, paddr_t *page);
