/* SPDX-License-Identifier: MIT */
/*
 * Small objects: one page is cut into objects of one size class, larger requests take whole
 * blocks of pages. Ready as soon as page_init has returned; the kernel runs here with interrupts
 * off, on one processor.
 */
#pragma once

#include <quench/types.h>

/* `bytes` of memory aligned to 32 bytes at least, contents undefined or zeroed; NULL when memory
 * is out or the request above 32 MiB. */
void *kmalloc(size_t bytes);
void *kzalloc(size_t bytes);
/* Frees what kmalloc returned; NULL is fine. */
void kfree(void *object);
