/* SPDX-License-Identifier: MIT */
/* One file of the tree, whatever its kind. */
#pragma once

#include <quench/types.h>

struct inode {
	const char *name;
	u32 name_length;
	u32 mode, uid, gid, mtime; /* as stat(2) shows them */
	u32 nlink;
	u32 rdev_major, rdev_minor; /* of a device node */
	u64 number;
	u64 bytes;
	const u8 *data;                /* regular file: contents; symbolic link: target */
	struct inode *parent;          /* the root's is itself */
	struct inode *child, *sibling; /* directory: first entry; every entry: the next */
	struct inode *next_link;       /* to find the other names of a hard link */
	u64 link_dev;
	u32 link_ino;
};
