/* SPDX-License-Identifier: MIT */
/*
 * The names of one directory: a hash table to find them, a list in the order of their making to
 * read them out. PURE: the caller brings memory and locking.
 */
#pragma once

#include <kernel/lib/list.h>
#include <quench/types.h>

struct inode;

#define NAME_MAX_BYTES 255 /* of one component, without a NUL */

/* One name. */
struct directory_entry {
	struct directory_entry *next; /* in its bucket */
	struct list order;            /* in directory.entries, cookies ascending */
	u64 cookie;                   /* d_off of the entry before it: where reading goes on */
	struct inode *inode;
	u32 hash;
	u32 length;
	const char *name; /* not terminated */
};

/* The first cookie given out: 0 and 1 are "." and "..". */
#define DIRECTORY_FIRST_COOKIE 2

struct directory {
	struct directory_entry **buckets; /* 2^bits of them; the caller's memory */
	unsigned bits;
	u32 count;
	u64 next_cookie;
	struct list entries;
};

/* Starts empty, without buckets: give it some before the first directory_add. */
void directory_init(struct directory *directory);
/* Whether another entry wants more buckets, and how many; the caller passes them, zeroed, to
 * directory_rehash, which returns the old ones to be freed. Not to grow is slow, not wrong. */
bool directory_wants(const struct directory *directory, unsigned *bits);
struct directory_entry **directory_rehash(struct directory *directory,
					  struct directory_entry **buckets, unsigned bits);

struct directory_entry *directory_find(const struct directory *directory, const char *name,
				       size_t n);
/* Adds an entry whose name, length and inode are set and whose name is not there yet. */
void directory_add(struct directory *directory, struct directory_entry *entry);
void directory_remove(struct directory *directory, struct directory_entry *entry);
/* The first entry with this cookie or a later one, NULL: none. */
struct directory_entry *directory_from(const struct directory *directory, u64 cookie);
