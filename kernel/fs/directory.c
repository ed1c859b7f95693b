/* SPDX-License-Identifier: MIT */
/* The names of one directory. PURE. */
#include <kernel/fs/directory.h>
#include <quench/string.h>

/* FNV-1a, 32 bits (Fowler, Noll, Vo), its bits folded for a table of a power of two. */
static u32 hash_of(const char *name, size_t n)
{
	u32 hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (u8)name[i]) * 16777619u;
	return hash ^ hash >> 15;
}

static struct directory_entry **bucket_of(const struct directory *directory, u32 hash)
{
	return &directory->buckets[hash & ((1u << directory->bits) - 1)];
}

void directory_init(struct directory *directory)
{
	directory->buckets = NULL;
	directory->bits = 0;
	directory->count = 0;
	directory->next_cookie = DIRECTORY_FIRST_COOKIE;
	list_init(&directory->entries);
}

bool directory_wants(const struct directory *directory, unsigned *bits)
{
	*bits = directory->buckets ? directory->bits + 1 : 2;
	return !directory->buckets || directory->count >> directory->bits >= 2;
}

struct directory_entry **directory_rehash(struct directory *directory,
					  struct directory_entry **buckets, unsigned bits)
{
	struct directory_entry **old = directory->buckets, *entry;

	directory->buckets = buckets;
	directory->bits = bits;
	list_for_each(entry, &directory->entries, order)
	{
		struct directory_entry **bucket = bucket_of(directory, entry->hash);

		entry->next = *bucket;
		*bucket = entry;
	}
	return old;
}

struct directory_entry *directory_find(const struct directory *directory, const char *name,
				       size_t n)
{
	u32 hash = hash_of(name, n);
	struct directory_entry *entry;

	if (!directory->buckets)
		return NULL;
	for (entry = *bucket_of(directory, hash); entry; entry = entry->next) {
		if (entry->hash == hash && entry->length == n && !memcmp(entry->name, name, n))
			return entry;
	}
	return NULL;
}

void directory_add(struct directory *directory, struct directory_entry *entry)
{
	struct directory_entry **bucket;

	entry->hash = hash_of(entry->name, entry->length);
	entry->cookie = directory->next_cookie++;
	bucket = bucket_of(directory, entry->hash);
	entry->next = *bucket;
	*bucket = entry;
	list_append(&directory->entries, &entry->order);
	directory->count++;
}

void directory_remove(struct directory *directory, struct directory_entry *entry)
{
	struct directory_entry **at = bucket_of(directory, entry->hash);

	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	list_remove(&entry->order);
	directory->count--;
}

struct directory_entry *directory_from(const struct directory *directory, u64 cookie)
{
	struct directory_entry *entry;

	list_for_each(entry, &directory->entries, order)
	{
		if (entry->cookie >= cookie)
			return entry;
	}
	return NULL;
}
