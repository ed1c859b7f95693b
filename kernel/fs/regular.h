/* SPDX-License-Identifier: MIT */
/* What the files of the tree share among themselves: the kinds' operations, the inner side of
 * inodes. Process context. */
#pragma once

#include <kernel/fs/file.h>

extern const struct file_operations regular_operations;
extern const struct file_operations directory_operations;
extern const struct file_operations pipe_operations;

/* For the nodes of every page tree. */
extern const struct page_tree_memory inode_tree_memory;

/*
 * The next bytes of a regular file at `offset`: how many of n stand together, 0 at its end. *bytes
 * is where, NULL for zeros; *page, not 0, holds them there until page_put.
 */
size_t inode_bytes_at(struct inode *inode, u64 offset, size_t n, const u8 **bytes, paddr_t *page);
/* As inode_page, beyond the file's end too; and the new end. inode->lock held. */
int inode_page_to_write(struct inode *inode, u64 index, paddr_t *page) __must_check;
void inode_set_bytes(struct inode *inode, u64 bytes);
/* inode_truncate with inode->lock held. */
int inode_truncate_locked(struct inode *inode, u64 bytes);
