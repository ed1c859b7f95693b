/* SPDX-License-Identifier: MIT */
/* The tree of names: walking it. Changing it is names.c. */
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/regular.h>
#include <kernel/fs/walk.h>
#include <kernel/mm/kmalloc.h>
#include <linux/limits.h>
#include <quench/string.h>

#define MAX_LINKS 40 /* as Linux */

struct rwlock_sleep fs_tree_lock;

static struct inode root = {
	.references = 1,
	.mode = S_IFDIR | 0755,
	.nlink = 2,
	.number = 1,
	.operations = &directory_operations,
	.parent = &root,
};

struct inode *fs_root(void)
{
	return &root;
}

void fs_init(void)
{
	rw_init(&fs_tree_lock);
	mutex_init(&root.lock);
	directory_init(&root.names);
	root.atime = root.mtime = root.ctime = inode_now();
}

size_t path_length(const char *path)
{
	size_t n = 0;

	while (path[n])
		n++;
	return n;
}

static size_t component(const char *path, const char *end)
{
	size_t n = 0;

	while (path + n < end && path[n] != '/')
		n++;
	return n;
}

/* One component down, or up; a name that is not there leaves no inode. */
static void step(struct walk *walk, const char *name, size_t n)
{
	struct inode *at = walk->inode;

	walk->entry = NULL;
	walk->slash = false;
	if (n <= 2 && name[0] == '.' && (n == 1 || name[1] == '.')) {
		walk->dots = n;
		walk->inode = n == 1 ? at : at->parent;
		return;
	}
	walk->dots = 0;
	walk->directory = at;
	walk->name = name;
	walk->length = (u32)n;
	walk->entry = directory_find(&at->names, name, n);
	walk->inode = walk->entry ? walk->entry->inode : NULL;
}

static int follow(struct walk *walk, enum lookup how)
{
	const struct inode *link = inode_link(walk->inode);

	if (++walk->links > MAX_LINKS)
		return -ELOOP;
	if (!link)
		return -ENOENT;
	return walk_from(walk, walk->directory, link->target, link->bytes, how);
}

int walk_from(struct walk *walk, struct inode *at, const char *path, size_t n, enum lookup how)
{
	const char *end = path + n;
	int error;

	if (!n)
		return -ENOENT;
	walk->inode = *path == '/' ? &root : at;
	walk->dots = 1;
	walk->slash = false;
	for (;; path += n) {
		while (path < end && *path == '/')
			path++;
		if (path == end)
			break;
		if (!walk->inode)
			return -ENOENT;
		if (!S_ISDIR(walk->inode->mode))
			return -ENOTDIR;
		n = component(path, end);
		if (n > NAME_MAX_BYTES)
			return -ENAMETOOLONG;
		step(walk, path, n);
		if (!walk->inode || !S_ISLNK(walk->inode->mode) ||
		    (how == LOOKUP_NOFOLLOW && path + n == end))
			continue;
		/* Behind the link's target there is more, or nothing to be left out. */
		error = follow(walk, LOOKUP_FOLLOW);
		if (error)
			return error;
	}
	walk->slash |= end[-1] == '/';
	return walk->slash && walk->inode && !S_ISDIR(walk->inode->mode) ? -ENOTDIR : 0;
}

int fs_walk(const struct inode *from, const char *path, enum lookup how, struct walk *walk)
{
	walk->links = 0;
	return walk_from(walk, (struct inode *)from, path, path_length(path), how);
}

int fs_lookup(const struct inode *from, const char *path, enum lookup how, struct inode **inode)
{
	struct walk walk;
	int error;

	rw_read_lock(&fs_tree_lock);
	error = fs_walk(from, path, how, &walk);
	if (!error && !walk.inode)
		error = -ENOENT;
	if (!error)
		*inode = inode_get(walk.inode);
	rw_read_unlock(&fs_tree_lock);
	return error;
}

/* The path of a directory, written from the end of text[bytes] backwards: where it starts. */
static s64 path_backwards(const struct inode *directory, char *text, size_t bytes)
{
	size_t at = bytes;

	if (!at)
		return -ERANGE;
	text[--at] = '\0';
	for (; directory != &root; directory = directory->parent) {
		const struct directory_entry *entry = directory->entry;

		if (!entry)
			return -ENOENT;
		if (at <= entry->length)
			return -ERANGE;
		at -= entry->length;
		memcpy(text + at, entry->name, entry->length);
		text[--at] = '/';
	}
	if (at == bytes - 1) {
		if (!at)
			return -ERANGE;
		text[--at] = '/';
	}
	return (s64)at;
}

s64 fs_path_of(const struct inode *directory, char *text, size_t bytes)
{
	s64 at;

	rw_read_lock(&fs_tree_lock);
	at = path_backwards(directory, text, bytes);
	rw_read_unlock(&fs_tree_lock);
	if (at < 0)
		return at;
	memmove(text, text + at, bytes - (size_t)at);
	return (s64)bytes - at;
}

/* The path of what a walk has led to, written from the end of text[bytes] backwards: where it
 * starts. */
static s64 walked_path(const struct walk *walk, char *text, size_t bytes)
{
	size_t name = bytes - walk->length - 1;
	s64 at = (s64)name - 1;

	if (!walk->inode || walk->dots || walk->length + 2 > bytes)
		return -ENOENT;
	if (walk->directory != &root)
		at = path_backwards(walk->directory, text, name);
	if (at < 0)
		return at;
	text[name - 1] = '/';
	memcpy(text + name, walk->name, walk->length);
	text[bytes - 1] = '\0';
	return at;
}

struct inode *fs_name_of(const struct inode *from, const char *path)
{
	struct inode *link = inode_create(S_IFLNK | 0777);
	char *text = kmalloc(PATH_MAX);
	struct walk walk;
	s64 at = -ENOMEM;

	rw_read_lock(&fs_tree_lock);
	if (link && text && !fs_walk(from, path, LOOKUP_FOLLOW, &walk))
		at = walked_path(&walk, text, PATH_MAX);
	rw_read_unlock(&fs_tree_lock);
	if (at >= 0) {
		link->bytes = (u64)(PATH_MAX - 1 - at);
		link->target = kmalloc(link->bytes + 1);
		link->own_target = true;
	}
	if (at >= 0 && link->target) {
		memcpy((char *)link->target, text + at, link->bytes + 1);
	} else if (link) {
		inode_put(link);
		link = NULL;
	}
	kfree(text);
	return link;
}
