/* SPDX-License-Identifier: MIT */
/*
 * One file of the tree, whatever its kind: what stat shows, and the contents. Which lock protects
 * a field stands at it:
 *   const   set before anybody else can see the inode
 *   tree    fs_tree_lock (path.h)
 *   lock    inode->lock, which sleeps: writing and truncation, one at a time
 *   pages   inode->pages_lock, a spinlock
 *   atomic  single atomic accesses
 * Order: fs_tree_lock, inode->lock, pages_lock. User memory is never touched under pages_lock, and
 * a page fault takes no other lock of these. Process context.
 */
#pragma once

#include <arch/spinlock.h>
#include <kernel/fs/directory.h>
#include <kernel/fs/page_tree.h>
#include <kernel/sched/mutex.h>
#include <quench/compiler.h>
#include <quench/types.h>

struct pipe;
struct file_operations;

#define INODE_FLOCK_EXCLUSIVE UINT32_C(0x80000000)

struct inode {
	u32 references;             /* atomic: names, open files, mappings, current directories */
	u32 mode;                   /* kind: const; permission bits: tree */
	u32 uid, gid;               /* tree */
	u32 nlink;                  /* tree */
	u32 rdev_major, rdev_minor; /* const; of a device node */
	u64 number;                 /* const */
	u64 bytes;                  /* regular: lock to change, atomic to read; link: const */
	s64 atime, mtime, ctime;    /* nanoseconds since 1970; last one wins */
	const struct file_operations *operations; /* const; of files opened on it, NULL: none */
	u32 flocks; /* flock.c's; open files that hold its lock, or INODE_FLOCK_EXCLUSIVE */
	struct mutex lock;
	union {
		struct { /* regular */
			/* What the archive has of it: read from there until a page is written.
			 * Truncation shortens archive_bytes. lock; read with pages. */
			const u8 *archive;
			u64 archive_bytes;
			struct page_tree pages; /* pages */
			struct arch_spinlock pages_lock;
			u32 seals; /* lock; F_SEAL_*, memfd_create(2) */
		};
		struct {                        /* directory */
			struct directory names; /* tree */
			struct inode *parent;   /* tree, counted; the root's is itself */
			struct directory_entry
				*entry; /* tree; in the parent, NULL: root, removed */
		};
		struct { /* symbolic link: `bytes` of text, NUL behind it or not */
			const char *target; /* const */
			bool own_target;    /* const; to be freed with the inode */
			/* const; NULL, or: the link that stands here for who asks now, itself
			 * without one; NULL: none. It stays while the caller's call lasts. */
			const struct inode *(*live)(void);
		};
		struct pipe *pipe; /* FIFO: tree; NULL until opened */
	};
};

/* A new inode with one reference, no name and the times of now; NULL when memory is out. */
struct inode *inode_create(u32 mode);
/* References. The last inode_put frees it with its pages. Return: what was passed. */
struct inode *inode_get(const struct inode *inode);
void inode_put(const struct inode *inode);

/*
 * The page with number `index` of a regular file, with a reference (page_put): for mappings, for
 * read and for write. What is not there is made, from the archive or zero. Shared mappings and
 * write(2) change this very page. -EIO: it lies whole beyond the end of the file (SIGBUS);
 * -ENOMEM. Takes pages_lock alone: right for a page fault within a user copy of this very file.
 */
int inode_page(struct inode *inode, u64 index, paddr_t *page) __must_check;

/* Bytes into kernel memory; the count, short at the end of the file, or -ENOMEM. */
s64 inode_read(struct inode *inode, void *to, size_t n, u64 offset);
/* truncate(2): -EPERM (sealed), -ENOMEM. */
int inode_truncate(struct inode *inode, u64 bytes);

/* The link whose text counts for the caller: of a live one another; NULL: it leads nowhere now. */
static inline const struct inode *inode_link(const struct inode *link)
{
	return link->live ? link->live() : link;
}

/* Now, as inodes hold it. */
s64 inode_now(void);
