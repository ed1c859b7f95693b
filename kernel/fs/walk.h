/* SPDX-License-Identifier: MIT */
/* Walking paths with fs_tree_lock held: what names.c and open need beyond <kernel/fs/path.h>. */
#pragma once

#include <kernel/fs/path.h>

/* Where a path has led. What it points at stays as long as the lock and the path's text. */
struct walk {
	struct inode *inode;           /* NULL: the last component is not there */
	struct inode *directory;       /* dots == 0: where the last component is, or would be */
	struct directory_entry *entry; /* dots == 0: the name itself; NULL as inode */
	const char *name;              /* dots == 0: the last component */
	u32 length;
	size_t dots; /* the path ends in "/", "." (1) or ".." (2) instead of a name */
	bool slash;  /* a slash behind it: a directory is meant */
	unsigned links;
};

/* 0, also when only the last component is missing; or an error of fs_lookup. */
int fs_walk(const struct inode *from, const char *path, enum lookup how, struct walk *walk);
int walk_from(struct walk *walk, struct inode *at, const char *path, size_t n, enum lookup how);
size_t path_length(const char *path);

/* names.c, the lock held for writing. A name for `inode` in a directory, where it is not yet: it
 * takes over the caller's reference. `copy`: the name's text does not outlive the call. 0, -ENOMEM,
 * -ENOENT (the directory has been removed). */
int name_add(struct inode *directory, const char *name, u32 length, struct inode *inode, bool copy);
