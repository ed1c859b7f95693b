/* SPDX-License-Identifier: MIT */
/*
 * Open files. Each kind brings its operations; descriptors (fd_table.h) point here. Sizes and
 * offsets in bytes, errors are negative errno. Process context.
 */
#pragma once

#include <kernel/fs/inode.h>
#include <kernel/fs/user_buffer.h>
#include <kernel/sched/mutex.h>
#include <quench/compiler.h>
#include <quench/types.h>

struct file;
struct poll_table;

/* A missing operation is EINVAL (read, write), ESPIPE (seek), ENOTTY (control), ENOTDIR (list),
 * always ready (poll). */
struct file_operations {
	/* Up to buffer->bytes at *position, which moves on by what was done; the count, also when
	 * it is short because user memory ends, or an error when nothing was done. A file that
	 * cannot seek ignores position, which is then NULL. May sleep; -ERESTARTSYS. */
	s64 (*read)(struct file *file, struct user_buffer *to, u64 *position);
	s64 (*write)(struct file *file, struct user_buffer *from, u64 *position);
	s64 (*seek)(struct file *file, s64 offset, int whence);
	s64 (*control)(struct file *file, u32 request, u64 argument); /* ioctl */
	/* What is ready, as POLL* bits; registers with the table's owner when there is one. */
	unsigned (*poll)(struct file *file, struct poll_table *table);
	s64 (*list)(struct file *file, struct user_buffer *to); /* getdents64 */
	int (*open)(struct file *file);     /* just made; an error undoes the open */
	void (*release)(struct file *file); /* the last reference is gone */
};

/* What may be done with an open file: file->mode. */
enum file_mode {
	FILE_READ = 1,
	FILE_WRITE = 2,
	FILE_SEEKS = 4, /* has a position of its own */
	/* May be read, written, its kind can do it and knows no position: the short way. */
	FILE_STREAM_READ = 8,
	FILE_STREAM_WRITE = 16,
};

struct file {
	const struct file_operations *operations; /* const */
	u32 references;                           /* atomic */
	u32 mode;                                 /* const; enum file_mode */
	u32 flags;    /* O_* as open took them; fcntl changes some, single accesses */
	u64 position; /* position_lock where others share the file */
	struct mutex position_lock;
	struct inode *inode; /* const, counted; what fstat shows */
	void *private_data;  /* the kind's own */
	int owner;           /* F_SETOWN */
	u8 flock;            /* flock.c's; LOCK_SH, LOCK_EX, or LOCK_UN */
};

/* The most one call moves, as Linux's MAX_RW_COUNT. */
#define FILE_MAX_COUNT UINT64_C(0x7ffff000)

/* A file with one reference for `inode`, to which it adds one, its operations the inode's; or NULL
 * when memory is out. file_put drops a reference; the last one closes. */
struct file *file_create(const struct inode *inode, u32 flags);
static inline void file_get(struct file *file)
{
	__atomic_add_fetch(&file->references, 1, __ATOMIC_RELAXED);
}
void file_put(struct file *file);

/*
 * open(2) from directory `from`: the path in kernel memory, flags O_*, permission bits of a file
 * that O_CREAT makes (umask taken off already). 0 with *file, or an error: -ENOENT, -ENOTDIR,
 * -EISDIR, -EEXIST, -ELOOP, -ENXIO, -EACCES, -EINVAL, -ENOMEM, -ERESTARTSYS (FIFO)...
 */
int file_open(const struct inode *from, const char *path, u32 flags, u32 mode, struct file **file);
/* The same for an inode that has been found. */
int file_open_inode(struct inode *inode, u32 flags, struct file **file);

/* Whether the range is the user's, and short enough for one call. */
static inline bool file_range_ordinary(const void __user *buffer, u64 n)
{
	return n <= FILE_MAX_COUNT && (__force u64)buffer <= ARCH_USER_LIMIT - n;
}
/* What is no stream, or no ordinary range (file.c). */
s64 file_read_otherwise(struct file *file, struct user_buffer *to, u64 *position);
s64 file_write_otherwise(struct file *file, struct user_buffer *from, u64 *position);

/* read(2), write(2), pread64(2) and lseek(2) on a file: access mode, range and length are
 * checked here. position: NULL means the file's own. */
static inline s64 file_read(struct file *file, void __user *buffer, u64 n, u64 *position)
{
	struct user_buffer to;

	user_buffer_init(&to, buffer, n);
	if (likely(file->mode & FILE_STREAM_READ && file_range_ordinary(buffer, n)))
		return file->operations->read(file, &to, NULL);
	return file_read_otherwise(file, &to, position);
}
static inline s64 file_write(struct file *file, const void __user *buffer, u64 n, u64 *position)
{
	struct user_buffer from;

	user_buffer_init(&from, buffer, n);
	if (likely(file->mode & FILE_STREAM_WRITE && file_range_ordinary(buffer, n)))
		return file->operations->write(file, &from, NULL);
	return file_write_otherwise(file, &from, position);
}
s64 file_seek(struct file *file, s64 offset, int whence);
/* The same with a buffer whose ranges have been checked. */
s64 file_read_buffer(struct file *file, struct user_buffer *to, u64 *position);
s64 file_write_buffer(struct file *file, struct user_buffer *from, u64 *position);

/* lseek(2) for contents of `bytes` without holes. */
s64 file_seek_within(struct file *file, s64 offset, int whence, u64 bytes);
