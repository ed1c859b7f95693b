/* SPDX-License-Identifier: MIT */
/* Directories as open files: getdents64. */
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/path.h>
#include <kernel/fs/regular.h>
#include <kernel/mm/kmalloc.h>
#include <quench/string.h>

/* struct linux_dirent64, which no UAPI header has; getdents64(2). */
struct record {
	u64 number;
	s64 next; /* position behind this entry */
	u16 bytes;
	u8 type;
	char name[];
};
#define RECORD_HEAD     offsetof(struct record, name)
#define LISTING_BYTES   2048 /* gathered at a time, under the lock */
#define MODE_TYPE_SHIFT 12   /* DT_* are the kinds of st_mode */

struct listing {
	u8 *bytes;
	size_t capacity, used;
};

static bool put(struct listing *listing, const struct inode *inode, u64 next, const char *name,
		u32 length)
{
	size_t bytes = ALIGN_UP(RECORD_HEAD + length + 1, sizeof(u64));
	struct record *record = (struct record *)(listing->bytes + listing->used);

	if (bytes > listing->capacity - listing->used)
		return false;
	memset(record, 0, bytes);
	record->number = inode->number;
	record->next = (s64)next;
	record->bytes = (u16)bytes;
	record->type = (u8)(inode->mode >> MODE_TYPE_SHIFT);
	memcpy(record->name, name, length);
	listing->used += bytes;
	return true;
}

/* Entries from position `at` on, as many as fit. Where there is no entry left: none. */
static void gather(struct listing *listing, const struct inode *directory, u64 at)
{
	struct directory_entry *entry;

	if (at == 0) {
		if (!put(listing, directory, 1, ".", 1))
			return;
		at = 1;
	}
	if (at == 1) {
		if (!put(listing, directory->parent, DIRECTORY_FIRST_COOKIE, "..", 2))
			return;
		at = DIRECTORY_FIRST_COOKIE;
	}
	entry = directory_from(&directory->names, at);
	if (!entry)
		return;
	for (; &entry->order != &directory->names.entries;
	     entry = list_entry(entry->order.next, struct directory_entry, order)) {
		if (!put(listing, entry->inode, entry->cookie + 1, entry->name, entry->length))
			return;
	}
}

/* Whole entries among the first n bytes; the position goes behind them. */
static size_t whole(const struct listing *listing, size_t n, u64 *position)
{
	size_t done = 0;

	while (done < n) {
		const struct record *record = (const struct record *)(listing->bytes + done);

		if (record->bytes > n - done)
			break;
		done += record->bytes;
		*position = (u64)record->next;
	}
	return done;
}

static s64 list_into(struct file *file, struct user_buffer *to, u8 *memory)
{
	s64 total = 0;

	for (;;) {
		struct listing listing = { memory, LISTING_BYTES, 0 };
		size_t done;

		if (listing.capacity > to->bytes)
			listing.capacity = to->bytes;
		rw_read_lock(&fs_tree_lock);
		gather(&listing, file->inode, file->position);
		rw_read_unlock(&fs_tree_lock);
		if (!listing.used)
			return total;
		done = whole(&listing, user_buffer_give(to, memory, listing.used), &file->position);
		total += (s64)done;
		if (done < listing.used)
			return total ? total : -EFAULT;
	}
}

/* Whether there would have been an entry, had there been room. */
static bool has_more(const struct file *file)
{
	bool more;

	rw_read_lock(&fs_tree_lock);
	more = file->position < DIRECTORY_FIRST_COOKIE ||
	       directory_from(&file->inode->names, file->position);
	rw_read_unlock(&fs_tree_lock);
	return more;
}

static s64 directory_list(struct file *file, struct user_buffer *to)
{
	u8 *memory;
	s64 total;

	if (!file->inode->nlink)
		return -ENOENT;
	memory = kmalloc(LISTING_BYTES);
	if (!memory)
		return -ENOMEM;
	total = list_into(file, to, memory);
	kfree(memory);
	return total || !has_more(file) ? total : -EINVAL;
}

static s64 directory_read(struct file *file, struct user_buffer *to, u64 *position)
{
	return -EISDIR;
}

static s64 directory_seek(struct file *file, s64 offset, int whence)
{
	return file_seek_within(file, offset, whence, INT64_MAX);
}

const struct file_operations directory_operations = {
	.read = directory_read,
	.seek = directory_seek,
	.list = directory_list,
};
