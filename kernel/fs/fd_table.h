/* SPDX-License-Identifier: MIT */
/*
 * File descriptors: small numbers for open files. A table is one process's own, or shared by
 * threads (CLONE_FILES). While one task alone has it, a look-up takes no lock and counts nothing:
 * nobody else could close the file meanwhile. Process context.
 */
#pragma once

#include <arch/spinlock.h>
#include <kernel/fs/file.h>
#include <quench/types.h>

#define FD_INLINE 64    /* descriptors with no array of their own */
#define FD_MAX    65536 /* whatever RLIMIT_NOFILE says */

/* All fields but `references`: lock to change, and to read where references > 1. */
struct fd_table {
	u32 references; /* atomic: tasks that share it */
	struct arch_spinlock lock;
	u32 capacity;        /* of the three arrays, a multiple of 64 */
	u32 first_free;      /* no lower descriptor is free */
	struct file **files; /* NULL: free, or reserved */
	u64 *used;           /* a bit a descriptor: open or reserved */
	u64 *close_on_exec;  /* a bit a descriptor */
	struct file *few[FD_INLINE];
	u64 few_used, few_close_on_exec;
};

/* An empty table, or NULL when memory is out; one with the same files (fork). */
struct fd_table *fd_table_create(void);
struct fd_table *fd_table_copy(struct fd_table *from);
static inline void fd_table_get(struct fd_table *table)
{
	__atomic_add_fetch(&table->references, 1, __ATOMIC_RELAXED);
}
/* The last one closes every file. */
void fd_table_put(struct fd_table *table);
/* execve(2): closes what is marked; the running task's own table, shared with nobody. */
void fd_table_exec(struct fd_table *table);

/* A file looked up for the length of one call. */
struct fd_hold {
	struct file *file; /* NULL: not open */
	bool counted;      /* fd_release gives a reference back */
};
struct fd_hold fd_hold_shared(struct fd_table *table, int fd);
/* Whether other tasks could change the table now. */
static inline bool fd_is_shared(const struct fd_table *table)
{
	return READ_ONCE(table->references) != 1;
}
/* In a table that nobody shares: the file, NULL: not open. */
static inline struct file *fd_own(const struct fd_table *table, int fd)
{
	u64 mask;

	if (unlikely((u32)fd >= table->capacity))
		return NULL;
	/* All ones: speculation cannot run past the table's end. */
	mask = (u64)((s64)((u64)(u32)fd - table->capacity) >> 63);
	return table->files[(u32)fd & mask];
}
/* By the running task on its own table. O_PATH files are found, too. */
static inline struct fd_hold fd_hold(struct fd_table *table, int fd)
{
	if (unlikely(fd_is_shared(table)))
		return fd_hold_shared(table, fd);
	return (struct fd_hold){ fd_own(table, fd), false };
}
static inline void fd_release(struct fd_hold hold)
{
	if (unlikely(hold.counted))
		file_put(hold.file);
}

/* How many descriptors the running process may have: RLIMIT_NOFILE. */
u32 fd_limit(void);

/* The lowest free descriptor from `from` on is reserved: the number, or -EMFILE, -ENOMEM. What
 * fd_install fills, or fd_unreserve gives back; until then nobody finds a file behind it. */
int fd_reserve(struct fd_table *table, int from, bool close_on_exec);
void fd_unreserve(struct fd_table *table, int fd);
/* The descriptor now stands for `file`, whose reference the table takes over. */
void fd_fill(struct fd_table *table, int fd, struct file *file);
/* Both at once; on an error the reference is still the caller's. */
int fd_install(struct fd_table *table, struct file *file, bool close_on_exec);

/* The file behind a descriptor with a reference added; NULL: not open. */
struct file *fd_file_get(struct fd_table *table, int fd);
/* dup2(2): `fd` stands for `file` as well, what it stood for is closed. -EBADF (beyond the limit),
 * -EBUSY (another thread has just reserved it), -ENOMEM. */
int fd_replace(struct fd_table *table, int fd, struct file *file, bool close_on_exec);
/* 0 or -EBADF; for fd_flags the FD_CLOEXEC bit. */
int fd_close(struct fd_table *table, int fd);
int fd_flags(struct fd_table *table, int fd);
int fd_set_flags(struct fd_table *table, int fd, bool close_on_exec);
