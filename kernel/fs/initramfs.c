/* SPDX-License-Identifier: MIT */
/* The root file system: a tree whose names and contents stay in the archive. */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <kernel/fs/cpio.h>
#include <kernel/fs/initramfs.h>
#include <kernel/fs/mode.h>
#include <kernel/mm/kmalloc.h>
#include <quench/format.h>
#include <quench/string.h>

#define MAX_LINKS      40 /* as Linux */
#define MAX_NAME       255
#define DIRECTORY_MODE (S_IFDIR | 0755)
#define DEVICE_MODE    (S_IFCHR | 0666)

static struct inode root = {
	.name = "",
	.mode = DIRECTORY_MODE,
	.nlink = 2,
	.number = 1,
	.parent = &root,
};
static u64 last_number = 1;
static size_t nr_files;
static struct inode *linked; /* files with several names, through next_link */

const struct inode *initramfs_root(void)
{
	return &root;
}

size_t initramfs_files(void)
{
	return nr_files;
}

static bool is_directory(const struct inode *inode)
{
	return S_ISDIR(inode->mode);
}

static struct inode *find_child(const struct inode *directory, const char *name, size_t n)
{
	struct inode *child = directory->child;

	while (child && (child->name_length != n || memcmp(child->name, name, n)))
		child = child->sibling;
	return child;
}

/* What one component of a path leads to. */
static struct inode *step(const struct inode *from, const char *name, size_t n)
{
	if (n == 1 && name[0] == '.')
		return (struct inode *)from;
	if (n == 2 && name[0] == '.' && name[1] == '.')
		return from->parent;
	return find_child(from, name, n);
}

static size_t component(const char *path, const char *end)
{
	size_t n = 0;

	while (path + n < end && path[n] != '/')
		n++;
	return n;
}

static int walk(const struct inode *at, const char *path, size_t n, enum lookup how,
		unsigned *links, const struct inode **found)
{
	const char *end = path + n;
	const struct inode *next;
	int error = 0;

	if (!n)
		return -ENOENT;
	if (*path == '/')
		at = &root;
	for (;; path += n, at = next) {
		while (path < end && *path == '/')
			path++;
		if (path == end)
			break;
		n = component(path, end);
		if (!is_directory(at))
			return -ENOTDIR;
		if (n > MAX_NAME)
			return -ENAMETOOLONG;
		next = step(at, path, n);
		if (!next)
			return -ENOENT;
		if (!S_ISLNK(next->mode) || (how == LOOKUP_NOFOLLOW && path + n == end))
			continue;
		if (++*links > MAX_LINKS)
			return -ELOOP;
		error = walk(at, (const char *)next->data, next->bytes, LOOKUP_FOLLOW, links,
			     &next);
		if (error)
			return error;
	}
	if (end[-1] == '/' && !is_directory(at))
		return -ENOTDIR;
	*found = at;
	return 0;
}

static size_t path_length(const char *path)
{
	size_t n = 0;

	while (path[n])
		n++;
	return n;
}

int initramfs_lookup(const struct inode *from, const char *path, enum lookup how,
		     const struct inode **inode)
{
	unsigned links = 0;

	return walk(from, path, path_length(path), how, &links, inode);
}

int initramfs_lookup_parent(const struct inode *from, const char *path, const struct inode **inode)
{
	size_t n = path_length(path);
	unsigned links = 0;

	while (n && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	*inode = from;
	return n ? walk(from, path, n, LOOKUP_FOLLOW, &links, inode) : 0;
}

static struct inode *add_child(struct inode *directory, const char *name, size_t n, u32 mode)
{
	struct inode *inode = kzalloc(sizeof(*inode));

	if (!inode)
		return NULL;
	inode->name = name;
	inode->name_length = (u32)n;
	inode->mode = mode;
	inode->nlink = S_ISDIR(mode) ? 2 : 1;
	inode->number = ++last_number;
	inode->parent = directory;
	inode->sibling = directory->child;
	directory->child = inode;
	if (S_ISDIR(mode))
		directory->nlink++;
	nr_files++;
	return inode;
}

/* The directory that entry `path` of the archive belongs into, made where the archive has not;
 * *base becomes the last component. NULL with *why. */
static struct inode *make_way(const char *path, size_t n, const char **base, const char **why)
{
	const char *end = path + n;
	struct inode *at = &root, *next;

	for (;; at = next) {
		n = component(path, end);
		*base = path;
		if (path + n == end)
			return at;
		next = n ? step(at, path, n) : at;
		if (!next)
			next = add_child(at, path, n, DIRECTORY_MODE);
		*why = "memory is out";
		if (!next)
			return NULL;
		if (S_ISLNK(next->mode)) {
			unsigned links = 0;

			walk(at, (const char *)next->data, next->bytes, LOOKUP_FOLLOW, &links,
			     (const struct inode **)&next);
		}
		*why = "a file's name leads through something that is no directory";
		if (!is_directory(next))
			return NULL;
		path += n + 1;
	}
}

/* Gives all names of one hard link the contents, which only one of them carries. */
static void join_links(struct inode *inode, const struct cpio_entry *entry)
{
	inode->link_dev = (u64)entry->dev_major << 32 | entry->dev_minor;
	inode->link_ino = entry->ino;
	for (struct inode *other = linked; other; other = other->next_link) {
		struct inode *full = inode->bytes ? inode : other;

		if (other->link_ino != inode->link_ino || other->link_dev != inode->link_dev)
			continue;
		inode->number = other->number;
		inode->data = other->data = full->data;
		inode->bytes = other->bytes = full->bytes;
	}
	inode->next_link = linked;
	linked = inode;
}

static void fill_inode(struct inode *inode, const struct cpio_entry *entry)
{
	inode->mode = entry->mode;
	inode->uid = entry->uid;
	inode->gid = entry->gid;
	inode->mtime = entry->mtime;
	if (is_directory(inode))
		return;
	inode->nlink = entry->nlink;
	inode->rdev_major = entry->rdev_major;
	inode->rdev_minor = entry->rdev_minor;
	inode->data = entry->data;
	inode->bytes = S_ISREG(entry->mode) || S_ISLNK(entry->mode) ? entry->bytes : 0;
}

/* Puts one file of the archive into the tree; NULL, or what is wrong with it. */
static const char *add_entry(const struct cpio_entry *entry)
{
	const char *base, *why;
	struct inode *directory, *inode;
	size_t n = entry->name_length;

	while (n && entry->name[n - 1] == '/')
		n--;
	if (!n) {
		if (S_ISDIR(entry->mode))
			fill_inode(&root, entry);
		return S_ISDIR(entry->mode) ? NULL : "the root is no directory";
	}
	directory = make_way(entry->name, n, &base, &why);
	if (!directory)
		return why;
	n -= (size_t)(base - entry->name);
	if (base[0] == '.' && (n == 1 || (n == 2 && base[1] == '.')))
		return "a file's name ends in . or ..";
	inode = find_child(directory, base, n);
	if (inode && is_directory(inode) != S_ISDIR(entry->mode))
		return "a name stands for a directory and for a file";
	if (!inode)
		inode = add_child(directory, base, n, entry->mode);
	if (!inode)
		return "memory is out";
	if (inode->next_link || inode == linked)
		return "a hard link's name appears twice";
	fill_inode(inode, entry);
	if (S_ISREG(entry->mode) && entry->nlink > 1)
		join_links(inode, entry);
	return NULL;
}

static bool add_device(struct inode *directory, const char *name, size_t n, u32 major, u32 minor)
{
	struct inode *inode = find_child(directory, name, n);

	if (inode)
		return true;
	inode = add_child(directory, name, n, DEVICE_MODE);
	if (!inode)
		return false;
	inode->rdev_major = major;
	inode->rdev_minor = minor;
	return true;
}

/* Numbers as in Linux's documentation, "Linux allocated devices". */
static const char *add_devices(void)
{
	struct inode *dev = find_child(&root, "dev", 3);

	if (!dev)
		dev = add_child(&root, "dev", 3, DIRECTORY_MODE);
	if (!dev)
		return "memory is out";
	if (!is_directory(dev))
		return "/dev is no directory";
	if (!add_device(dev, "null", 4, 1, 3) || !add_device(dev, "zero", 4, 1, 5) ||
	    !add_device(dev, "full", 4, 1, 7) || !add_device(dev, "console", 7, 5, 1) ||
	    !add_device(dev, "tty", 3, 5, 0))
		return "memory is out";
	return NULL;
}

static const char *describe(const char *why, size_t offset)
{
	static char text[128];

	format(text, sizeof(text), "%s (at byte %zu)", why, offset);
	return text;
}

const char *initramfs_init(paddr_t base, u64 bytes)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	struct cpio_error error;
	int more;

	if (!bytes)
		return add_devices();
	cpio_open(&reader, arch_direct_map(base), bytes);
	while ((more = cpio_next(&reader, &entry, &error)) > 0) {
		const char *why = add_entry(&entry);

		if (why)
			return describe(why, (size_t)((const u8 *)entry.name - reader.archive));
	}
	return more < 0 ? describe(error.text, error.offset) : add_devices();
}
