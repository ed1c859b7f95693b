/* SPDX-License-Identifier: MIT */
/* The first contents of the tree: names and bytes stay in the archive. */
#include <arch/pagetable.h>
#include <asm/errno.h>
#include <kernel/fs/cpio.h>
#include <kernel/fs/device.h>
#include <kernel/fs/initramfs.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/walk.h>
#include <kernel/mm/kmalloc.h>
#include <quench/format.h>
#include <quench/string.h>

#define DIRECTORY_MODE (S_IFDIR | 0755)
#define DEVICE_MODE    (S_IFCHR | 0666)
#define NS_PER_SECOND  INT64_C(1000000000)

/* A file with several names, while the archive is read. */
struct hard_link {
	struct hard_link *next;
	struct inode *inode;
	u64 device;
	u32 number;
};
static struct hard_link *hard_links;

static const char out_of_memory[] = "memory is out";

/* A new inode under the name a walk has not found; NULL when memory is out. */
static struct inode *add(const struct walk *walk, u32 mode)
{
	struct inode *inode = inode_create(mode);

	if (!inode)
		return NULL;
	inode->nlink = S_ISDIR(mode) ? 2 : 1;
	if (!name_add(walk->directory, walk->name, walk->length, inode, false))
		return inode;
	inode_put(inode);
	return NULL;
}

/* The directories on the way to `path`, made where the archive has not. NULL, or what is wrong. */
static const char *make_way(const char *path, size_t n)
{
	for (size_t end = 1; end < n; end++) {
		struct walk walk = { 0 };

		if (path[end] != '/')
			continue;
		if (walk_from(&walk, fs_root(), path, end, LOOKUP_FOLLOW) ||
		    (walk.inode ? !S_ISDIR(walk.inode->mode) : walk.links))
			return "a file's name leads through something that is no directory";
		if (!walk.inode && !add(&walk, DIRECTORY_MODE))
			return out_of_memory;
	}
	return NULL;
}

static void fill(struct inode *inode, const struct cpio_entry *entry)
{
	inode->mode = entry->mode;
	inode->uid = entry->uid;
	inode->gid = entry->gid;
	inode->atime = inode->mtime = inode->ctime = entry->mtime * NS_PER_SECOND;
	inode->rdev_major = entry->rdev_major;
	inode->rdev_minor = entry->rdev_minor;
	if (S_ISCHR(entry->mode))
		inode->operations = device_operations(entry->rdev_major, entry->rdev_minor);
	if (S_ISLNK(entry->mode)) {
		inode->target = (const char *)entry->data;
		inode->bytes = entry->bytes;
	}
	/* Of several names of one file only one carries the contents. */
	if (S_ISREG(entry->mode) && (entry->bytes || inode->nlink == 1)) {
		inode->archive = entry->data;
		inode->bytes = inode->archive_bytes = entry->bytes;
	}
}

/* The inode of which this entry is one more name; NULL: it is the first, or the only one. */
static struct hard_link *find_link(const struct cpio_entry *entry)
{
	u64 device = (u64)entry->dev_major << 32 | entry->dev_minor;
	struct hard_link *link = hard_links;

	while (link && (link->number != entry->ino || link->device != device))
		link = link->next;
	return link;
}

static const char *add_link(struct hard_link *link, const struct walk *walk,
			    const struct cpio_entry *entry)
{
	struct inode *inode = inode_get(link->inode);

	if (name_add(walk->directory, walk->name, walk->length, inode, false)) {
		inode_put(inode);
		return out_of_memory;
	}
	inode->nlink++;
	fill(inode, entry);
	return NULL;
}

static bool remember(struct inode *inode, const struct cpio_entry *entry)
{
	struct hard_link *link = kmalloc(sizeof(*link));

	if (!link)
		return false;
	link->inode = inode;
	link->device = (u64)entry->dev_major << 32 | entry->dev_minor;
	link->number = entry->ino;
	link->next = hard_links;
	hard_links = link;
	return true;
}

static const char *add_new(const struct walk *walk, const struct cpio_entry *entry)
{
	bool several = S_ISREG(entry->mode) && entry->nlink > 1;
	struct hard_link *link = several ? find_link(entry) : NULL;
	struct inode *inode;

	if (link)
		return add_link(link, walk, entry);
	inode = add(walk, entry->mode);
	if (!inode || (several && !remember(inode, entry)))
		return out_of_memory;
	fill(inode, entry);
	return NULL;
}

/* A name that is there already: the later entry counts, if it is of the same kind. */
static const char *add_again(struct inode *inode, const struct cpio_entry *entry)
{
	if (S_ISDIR(inode->mode) != S_ISDIR(entry->mode))
		return "a name stands for a directory and for a file";
	if ((inode->mode ^ entry->mode) & S_IFMT)
		return "a name stands for files of two kinds";
	if (inode->nlink > 1 && S_ISREG(inode->mode))
		return "a hard link's name appears twice";
	fill(inode, entry);
	return NULL;
}

/* Puts one file of the archive into the tree; NULL, or what is wrong with it. */
static const char *add_entry(const struct cpio_entry *entry)
{
	size_t n = entry->name_length;
	struct walk walk = { 0 };
	const char *why;

	while (n && entry->name[n - 1] == '/')
		n--;
	if (!n)
		return S_ISDIR(entry->mode) ? (fill(fs_root(), entry), NULL)
					    : "the root is no directory";
	why = make_way(entry->name, n);
	if (why)
		return why;
	if (walk_from(&walk, fs_root(), entry->name, n, LOOKUP_NOFOLLOW))
		return "a file's name leads through something that is no directory";
	if (walk.dots)
		return "a file's name ends in . or ..";
	return walk.inode ? add_again(walk.inode, entry) : add_new(&walk, entry);
}

/* Numbers as in Linux's documentation, "Linux allocated devices". */
static const struct device_node {
	const char *path;
	u32 major, minor;
} device_nodes[] = {
	{ "dev/null", 1, 3 },    { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
	{ "dev/random", 1, 8 },  { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
	{ "dev/console", 5, 1 },
};

static const char *add_device(const struct device_node *node)
{
	size_t n = path_length(node->path);
	const char *why = make_way(node->path, n);
	struct walk walk = { 0 };
	struct inode *inode;

	if (why)
		return "/dev is no directory";
	if (walk_from(&walk, fs_root(), node->path, n, LOOKUP_NOFOLLOW) || walk.inode)
		return NULL;
	inode = add(&walk, DEVICE_MODE);
	if (!inode)
		return out_of_memory;
	inode->rdev_major = node->major;
	inode->rdev_minor = node->minor;
	inode->operations = device_operations(node->major, node->minor);
	return NULL;
}

static const char *add_devices(void)
{
	const char *why = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(device_nodes) && !why; i++)
		why = add_device(&device_nodes[i]);
	return why;
}

static void forget_links(void)
{
	while (hard_links) {
		struct hard_link *link = hard_links;

		hard_links = link->next;
		kfree(link);
	}
}

static const char *describe(const char *why, size_t offset)
{
	static char text[128];

	format(text, sizeof(text), "%s (at byte %zu)", why, offset);
	return text;
}

static const char *unpack(paddr_t base, u64 bytes)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	struct cpio_error error;
	int more;

	cpio_open(&reader, arch_direct_map(base), bytes);
	while ((more = cpio_next(&reader, &entry, &error)) > 0) {
		const char *why = add_entry(&entry);

		if (why)
			return describe(why, (size_t)((const u8 *)entry.name - reader.archive));
	}
	return more < 0 ? describe(error.text, error.offset) : NULL;
}

const char *initramfs_init(paddr_t base, u64 bytes)
{
	const char *why = NULL;

	if (bytes)
		why = unpack(base, bytes);
	forget_links();
	return why ? why : add_devices();
}
