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

/*
 * The writable tree is about to land; these are its calls. An inode then has `references` (names,
 * open files, mappings, current directories), a sleeping `lock` for writing and truncation, and
 * pages in a page_tree under the spinlock `pages_lock`.
 *
 * inode_get adds a reference and returns what was passed; the last inode_put frees.
 */
struct inode *inode_get(const struct inode *inode);
void inode_put(const struct inode *inode);
/*
 * The page with number `index` of a regular file, with a reference (page_put): for mappings, for
 * read and for write. What is not there is made, from the archive or zero. Shared mappings and
 * write(2) change this very page. -EIO: it lies whole beyond the end of the file (SIGBUS);
 * -ENOMEM. Takes a spinlock alone: right for a page fault within a user copy of this very file.
 */
int inode_page(struct inode *inode, u64 index, paddr_t *page);
/* Bytes into kernel memory (execve): the count, short at the end of the file, or -ENOMEM. */
s64 inode_read(struct inode *inode, void *to, size_t n, u64 offset);
/* A running program keeps its file from being opened for writing: 0, or -ETXTBSY when it is open
 * for writing now; undone by inode_allow_write. */
int inode_deny_write(struct inode *inode);
void inode_allow_write(struct inode *inode);
