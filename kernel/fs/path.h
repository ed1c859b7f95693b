/* SPDX-License-Identifier: MIT */
/*
 * The tree of names: one root, in memory. fs_tree_lock protects every name, link count, owner and
 * permission: readers walk, one writer changes. Paths are kernel memory; inodes come back with a
 * reference (inode_put). Process context.
 */
#pragma once

#include <kernel/fs/inode.h>
#include <kernel/sched/mutex.h>
#include <quench/compiler.h>
#include <quench/types.h>

extern struct rwlock_sleep fs_tree_lock;

/* How the last component of a path is taken when it is a symbolic link. */
enum lookup { LOOKUP_FOLLOW, LOOKUP_NOFOLLOW };

/* The root, which lives for ever. */
struct inode *fs_root(void);

/*
 * The inode at `path`, from directory `from` unless the path is absolute. -ENOENT, -ENOTDIR,
 * -ELOOP (more than 40 links), -ENAMETOOLONG (a component above 255 bytes).
 */
int fs_lookup(const struct inode *from, const char *path, enum lookup how,
	      struct inode **inode) __must_check;

/* The calls of the same names. Beside fs_lookup's errors: -EEXIST, -ENOTEMPTY, -EISDIR, -EBUSY,
 * -EINVAL, -EPERM, -EMLINK, -ENOMEM. */
int fs_make(const struct inode *from, const char *path, u32 mode, u32 major, u32 minor,
	    struct inode **inode); /* mknod, mkdir, and open's O_CREAT; *inode NULL: not wanted */
int fs_symlink(const struct inode *from, const char *path, const char *target);
int fs_link(struct inode *inode, const struct inode *to, const char *path);
int fs_unlink(const struct inode *from, const char *path);
int fs_rmdir(const struct inode *from, const char *path);
int fs_rename(const struct inode *from, const char *path, const struct inode *to,
	      const char *new_path, unsigned flags);

/* getcwd(2): the path of a directory into text[bytes]; its length with the NUL, -ENOENT when it has
 * been removed, -ERANGE when there is no room. */
s64 fs_path_of(const struct inode *directory, char *text, size_t bytes);

/* What is at `path` by its absolute name, as a link without a name of its own, for the caller;
 * NULL: it has none, or memory is out. */
struct inode *fs_name_of(const struct inode *from, const char *path);
/* A symbolic link at an absolute path that leads each caller elsewhere (struct inode); directories
 * on the way must be there. Boot context. */
int fs_live_link(const char *path, const struct inode *(*live)(void));

/* open's O_CREAT: what is there, or a new regular file. -EEXIST with `exclusive`. */
int fs_open_or_make(const struct inode *from, const char *path, u32 mode, bool exclusive,
		    bool nofollow, struct inode **inode);
/* Boot context, once, before anything else of this page. */
void fs_init(void);
