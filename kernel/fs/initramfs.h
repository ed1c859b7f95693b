/* SPDX-License-Identifier: MIT */
/* The root file system: the initramfs as a read-only tree, and the device nodes of /dev. */
#pragma once

#include <kernel/fs/inode.h>
#include <quench/compiler.h>
#include <quench/types.h>

/*
 * Builds the tree from the cpio archive at physical address `base`; the archive stays where it
 * is, files are read from there. bytes == 0: only /dev. Returns NULL, or what is wrong with the
 * archive: text with the offset, valid until the next call. Boot context, once.
 */
const char *initramfs_init(paddr_t base, u64 bytes) __must_check;
size_t initramfs_files(void);

/* How a path is walked. */
enum lookup { LOOKUP_FOLLOW, LOOKUP_NOFOLLOW };

/*
 * The inode at `path`, from directory `from` unless the path is absolute. -ENOENT, -ENOTDIR,
 * -ELOOP (more than 40 links), -ENAMETOOLONG (a component above 255 bytes).
 */
int initramfs_lookup(const struct inode *from, const char *path, enum lookup how,
		     const struct inode **inode);
/* The directory that the last component of `path` is, or would be, in. */
int initramfs_lookup_parent(const struct inode *from, const char *path, const struct inode **inode);
const struct inode *initramfs_root(void);
