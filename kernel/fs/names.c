/* SPDX-License-Identifier: MIT */
/* Names made, removed and moved. Everything here holds fs_tree_lock for writing. */
#include <asm/errno.h>
#include <kernel/fs/device.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/walk.h>
#include <kernel/mm/kmalloc.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <quench/string.h>

#define MAX_LINKS_OF_FILE 65000

static void grow(struct directory *directory)
{
	struct directory_entry **buckets;
	unsigned bits;

	if (!directory_wants(directory, &bits))
		return;
	buckets = kzalloc(sizeof(*buckets) << bits);
	if (buckets)
		kfree(directory_rehash(directory, buckets, bits));
}

static struct directory_entry *new_entry(const char *name, u32 length, bool copy)
{
	struct directory_entry *entry = kmalloc(sizeof(*entry) + (copy ? length : 0));

	if (!entry)
		return NULL;
	entry->name = name;
	entry->length = length;
	if (copy)
		entry->name = memcpy(entry + 1, name, length);
	return entry;
}

static void touch(struct inode *directory)
{
	directory->mtime = directory->ctime = inode_now();
}

/* The entry goes in for an inode that had another name, or none. */
static void attach(struct inode *directory, struct directory_entry *entry, struct inode *inode)
{
	entry->inode = inode;
	directory_add(&directory->names, entry);
	if (S_ISDIR(inode->mode)) {
		inode->parent = inode_get(directory);
		inode->entry = entry;
		directory->nlink++;
	}
	touch(directory);
}

/* The entry goes out and is freed; its reference to the inode becomes the caller's. */
static struct inode *detach(struct inode *directory, struct directory_entry *entry)
{
	struct inode *inode = entry->inode;

	directory_remove(&directory->names, entry);
	kfree(entry);
	if (S_ISDIR(inode->mode)) {
		inode->entry = NULL;
		directory->nlink--;
		/* Its ".." stays, counted, for those who are still in it. */
	}
	touch(directory);
	return inode;
}

int name_add(struct inode *directory, const char *name, u32 length, struct inode *inode, bool copy)
{
	struct directory_entry *entry;

	if (!directory->nlink)
		return -ENOENT;
	grow(&directory->names);
	if (!directory->names.buckets)
		return -ENOMEM;
	entry = new_entry(name, length, copy);
	if (!entry)
		return -ENOMEM;
	attach(directory, entry, inode);
	return 0;
}

/* A new inode under the name a walk has not found. */
static int make(const struct walk *walk, u32 mode, u32 major, u32 minor, struct inode **inode)
{
	int error;

	*inode = inode_create(mode);
	if (!*inode)
		return -ENOMEM;
	(*inode)->nlink = S_ISDIR(mode) ? 2 : 1;
	(*inode)->rdev_major = major;
	(*inode)->rdev_minor = minor;
	if (S_ISCHR(mode))
		(*inode)->operations = device_operations(major, minor);
	error = name_add(walk->directory, walk->name, walk->length, *inode, true);
	if (error)
		inode_put(*inode);
	return error;
}

/* Where a new name may go: 0, or why not. */
static int free_place(const struct inode *from, const char *path, bool directory, struct walk *walk)
{
	int error = fs_walk(from, path, LOOKUP_NOFOLLOW, walk);

	if (error)
		return error;
	if (walk->inode)
		return -EEXIST;
	return walk->slash && !directory ? -ENOENT : 0;
}

int fs_make(const struct inode *from, const char *path, u32 mode, u32 major, u32 minor,
	    struct inode **inode)
{
	struct inode *made;
	struct walk walk;
	int error;

	rw_write_lock(&fs_tree_lock);
	error = free_place(from, path, S_ISDIR(mode), &walk);
	if (!error)
		error = make(&walk, mode, major, minor, &made);
	if (!error && inode)
		*inode = inode_get(made);
	rw_write_unlock(&fs_tree_lock);
	return error;
}

int fs_open_or_make(const struct inode *from, const char *path, u32 mode, bool exclusive,
		    bool nofollow, struct inode **inode)
{
	enum lookup how = exclusive || nofollow ? LOOKUP_NOFOLLOW : LOOKUP_FOLLOW;
	struct walk walk;
	int error;

	rw_write_lock(&fs_tree_lock);
	error = fs_walk(from, path, how, &walk);
	if (!error && walk.inode && exclusive)
		error = -EEXIST;
	else if (!error && walk.slash)
		error = -EISDIR;
	else if (!error && !walk.inode)
		error = make(&walk, mode, 0, 0, &walk.inode);
	if (!error)
		*inode = inode_get(walk.inode);
	rw_write_unlock(&fs_tree_lock);
	return error;
}

static char *copy_text(const char *text, size_t n)
{
	char *copy = kmalloc(n + 1);

	return copy ? memcpy(copy, text, n + 1) : NULL;
}

static int symlink_locked(const struct inode *from, const char *path, const char *target)
{
	size_t n = path_length(target);
	struct inode *link;
	struct walk walk;
	int error = free_place(from, path, false, &walk);
	char *text;

	if (error)
		return error;
	text = copy_text(target, n);
	if (!text)
		return -ENOMEM;
	error = make(&walk, S_IFLNK | 0777, 0, 0, &link);
	if (error) {
		kfree(text);
		return error;
	}
	link->target = text;
	link->own_target = true;
	link->bytes = n;
	return 0;
}

int fs_symlink(const struct inode *from, const char *path, const char *target)
{
	int error;

	if (!*target)
		return -ENOENT;
	rw_write_lock(&fs_tree_lock);
	error = symlink_locked(from, path, target);
	rw_write_unlock(&fs_tree_lock);
	return error;
}

int fs_live_link(const char *path, const struct inode *(*live)(void))
{
	struct inode *link;
	struct walk walk;
	int error;

	rw_write_lock(&fs_tree_lock);
	error = free_place(fs_root(), path, false, &walk);
	if (!error)
		error = make(&walk, S_IFLNK | 0777, 0, 0, &link);
	if (!error)
		link->live = live;
	rw_write_unlock(&fs_tree_lock);
	return error;
}

static int link_locked(struct inode *inode, const struct inode *to, const char *path)
{
	struct walk walk;
	int error = free_place(to, path, false, &walk);

	if (error)
		return error;
	if (S_ISDIR(inode->mode))
		return -EPERM;
	if (!inode->nlink)
		return -ENOENT;
	if (inode->nlink >= MAX_LINKS_OF_FILE)
		return -EMLINK;
	error = name_add(walk.directory, walk.name, walk.length, inode_get(inode), true);
	if (error) {
		inode_put(inode);
		return error;
	}
	inode->nlink++;
	inode->ctime = inode_now();
	return 0;
}

int fs_link(struct inode *inode, const struct inode *to, const char *path)
{
	int error;

	rw_write_lock(&fs_tree_lock);
	error = link_locked(inode, to, path);
	rw_write_unlock(&fs_tree_lock);
	return error;
}

/* A name is gone: one link less, and none of an empty directory. */
static void drop_link(struct inode *inode)
{
	inode->nlink = S_ISDIR(inode->mode) ? 0 : inode->nlink - 1;
	inode->ctime = inode_now();
	inode_put(inode);
}

static int unlink_locked(const struct inode *from, const char *path)
{
	struct walk walk;
	int error = fs_walk(from, path, LOOKUP_NOFOLLOW, &walk);

	if (error)
		return error;
	if (walk.dots)
		return -EISDIR;
	if (!walk.inode)
		return -ENOENT;
	if (S_ISDIR(walk.inode->mode))
		return -EISDIR;
	drop_link(detach(walk.directory, walk.entry));
	return 0;
}

int fs_unlink(const struct inode *from, const char *path)
{
	int error;

	rw_write_lock(&fs_tree_lock);
	error = unlink_locked(from, path);
	rw_write_unlock(&fs_tree_lock);
	return error;
}

static int rmdir_locked(const struct inode *from, const char *path)
{
	struct walk walk;
	int error = fs_walk(from, path, LOOKUP_NOFOLLOW, &walk);

	if (error)
		return error;
	if (walk.dots)
		return walk.inode == fs_root() ? -EBUSY : walk.dots == 1 ? -EINVAL : -ENOTEMPTY;
	if (!walk.inode)
		return -ENOENT;
	if (!S_ISDIR(walk.inode->mode))
		return -ENOTDIR;
	if (walk.inode->names.count)
		return -ENOTEMPTY;
	drop_link(detach(walk.directory, walk.entry));
	return 0;
}

int fs_rmdir(const struct inode *from, const char *path)
{
	int error;

	rw_write_lock(&fs_tree_lock);
	error = rmdir_locked(from, path);
	rw_write_unlock(&fs_tree_lock);
	return error;
}

/* --- rename --- */

static bool is_within(const struct inode *directory, const struct inode *above)
{
	while (directory != above && directory != fs_root())
		directory = directory->parent;
	return directory == above;
}

/* Whether `source` may go where `target` has led. */
static int may_move(const struct walk *source, const struct walk *target, unsigned flags)
{
	bool directory = S_ISDIR(source->inode->mode);

	if (!target->directory->nlink)
		return -ENOENT;
	if (directory && is_within(target->directory, source->inode))
		return -EINVAL;
	if (!target->inode)
		return target->slash && !directory ? -ENOTDIR : 0;
	if (is_within(source->directory, target->inode))
		return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	if (flags & RENAME_EXCHANGE)
		return 0;
	if (directory && !S_ISDIR(target->inode->mode))
		return -ENOTDIR;
	if (!directory && S_ISDIR(target->inode->mode))
		return -EISDIR;
	return directory && target->inode->names.count ? -ENOTEMPTY : 0;
}

/* The parent a directory loses when it gets another entry. */
static void leave_parent(const struct inode *inode)
{
	if (S_ISDIR(inode->mode))
		inode_put(inode->parent);
}

static void exchange(const struct walk *one, const struct walk *other)
{
	struct directory_entry *entries[2] = { one->entry, other->entry };
	struct inode *homes[2] = { one->directory, other->directory };
	struct inode *inodes[2] = { one->inode, other->inode };

	for (int i = 0; i < 2; i++) {
		struct inode *guest = inodes[!i];

		entries[i]->inode = guest;
		guest->ctime = inode_now();
		touch(homes[i]);
		if (!S_ISDIR(guest->mode))
			continue;
		inode_get(homes[i]);
		inode_put(guest->parent);
		guest->parent = homes[i];
		guest->entry = entries[i];
		homes[i]->nlink++;
		homes[!i]->nlink--;
	}
}

static int move(const struct walk *source, const struct walk *target)
{
	struct directory_entry *entry = new_entry(target->name, target->length, true);
	struct inode *inode;

	if (!entry)
		return -ENOMEM;
	grow(&target->directory->names);
	if (!target->directory->names.buckets) {
		kfree(entry);
		return -ENOMEM;
	}
	if (target->inode)
		drop_link(detach(target->directory, target->entry));
	inode = detach(source->directory, source->entry);
	leave_parent(inode);
	attach(target->directory, entry, inode);
	inode->ctime = inode_now();
	return 0;
}

static int rename_locked(struct walk *source, struct walk *target, unsigned flags)
{
	int error;

	if (source->dots || target->dots)
		return -EBUSY;
	if (!source->inode)
		return -ENOENT;
	if (target->inode && flags & RENAME_NOREPLACE)
		return -EEXIST;
	if (!target->inode && flags & RENAME_EXCHANGE)
		return -ENOENT;
	if (source->inode == target->inode)
		return 0;
	error = may_move(source, target, flags);
	if (error)
		return error;
	if (!(flags & RENAME_EXCHANGE))
		return move(source, target);
	exchange(source, target);
	return 0;
}

int fs_rename(const struct inode *from, const char *path, const struct inode *to,
	      const char *new_path, unsigned flags)
{
	struct walk source, target;
	int error;

	if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	rw_write_lock(&fs_tree_lock);
	error = fs_walk(from, path, LOOKUP_NOFOLLOW, &source);
	if (!error)
		error = fs_walk(to, new_path, LOOKUP_NOFOLLOW, &target);
	if (!error)
		error = rename_locked(&source, &target, flags);
	rw_write_unlock(&fs_tree_lock);
	return error;
}
