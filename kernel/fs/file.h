/* SPDX-License-Identifier: MIT */
/*
 * Open files. Each kind brings its operations; descriptors (fd_table.h) point here. Sizes and
 * offsets in bytes, errors are negative errno. Process context.
 */
#pragma once

#include <kernel/fs/inode.h>
#include <quench/compiler.h>
#include <quench/types.h>

struct file;

/* A missing operation is EINVAL (read, write), ESPIPE (seek) or ENOTTY (control). */
struct file_operations {
	/* Up to n bytes at *position, which moves on by what was done; the count, also when it is
	 * short because user memory ends, or an error when nothing was done. n is at most
	 * FILE_MAX_COUNT and [buffer, buffer+n) lies in the user's half. */
	s64 (*read)(struct file *file, void __user *buffer, size_t n, u64 *position);
	s64 (*write)(struct file *file, const void __user *buffer, size_t n, u64 *position);
	s64 (*seek)(struct file *file, s64 offset, int whence);
	s64 (*control)(struct file *file, u32 request, u64 argument); /* ioctl */
	void (*release)(struct file *file); /* the last reference is gone */
};

struct file {
	const struct file_operations *operations;
	u32 references;
	u32 flags; /* O_* as open took them */
	u64 position;
	const struct inode *inode; /* what fstat shows; NULL for none */
	void *private_data;        /* the kind's own */
};

/* The most one call moves, as Linux's MAX_RW_COUNT. */
#define FILE_MAX_COUNT UINT64_C(0x7ffff000)

/* A file with one reference for `inode`, its operations by the inode's kind, or NULL when memory
 * is out. file_put drops a reference; the last one closes. */
struct file *file_create(const struct inode *inode, u32 flags);
void file_get(struct file *file);
void file_put(struct file *file);

/*
 * open(2) from directory `from`: the path in kernel memory, flags O_*. 0 with *file, or an error:
 * -ENOENT, -ENOTDIR, -EISDIR, -EROFS, -EEXIST, -ELOOP, -ENXIO, -EACCES, -EINVAL, -ENOMEM...
 */
int file_open(const struct inode *from, const char *path, u32 flags, struct file **file);

/* read(2), write(2), pread64(2) and lseek(2) on a file: access mode, range and length are
 * checked here. position: NULL means the file's own. */
s64 file_read(struct file *file, void __user *buffer, u64 n, u64 *position);
s64 file_write(struct file *file, const void __user *buffer, u64 n, u64 *position);
s64 file_seek(struct file *file, s64 offset, int whence);
