/* SPDX-License-Identifier: MIT */
/*
 * Small objects: one page is cut into objects of one size, larger requests take whole blocks of
 * pages. Each processor keeps some free objects of each size, so that they come and go without
 * a lock. Ready as soon as page_init has returned. Any context, interrupt handlers too.
 */
#pragma once

#include <quench/types.h>

/* `bytes` of memory, contents undefined or zeroed; aligned to 32 bytes, above 32 bytes to 64, above
 * 2048 bytes to a page. NULL when memory is out or the request above 32 MiB. */
void *kmalloc(size_t bytes);
void *kzalloc(size_t bytes);
/* Frees what kmalloc returned; NULL is fine. */
void kfree(void *object);

/* Gives back the free objects this processor keeps: before counting, or when memory is short. */
void kmalloc_drain(void);
