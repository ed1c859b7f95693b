/* SPDX-License-Identifier: MIT */
/* File descriptors: small numbers for open files. Process context. */
#pragma once

#include <kernel/fs/file.h>
#include <quench/types.h>

#define FD_MAX 1024 /* Linux's default RLIMIT_NOFILE */

struct fd_table {
	u32 references;
	u32 capacity;
	struct file **files;            /* NULL: free */
	u64 close_on_exec[FD_MAX / 64]; /* a bit a descriptor */
};

/* An empty table, or NULL when memory is out. The last fd_table_put closes every file. */
struct fd_table *fd_table_create(void);
void fd_table_put(struct fd_table *table);

/* The lowest free descriptor now stands for `file`, whose reference the table takes over. The
 * number, or -EMFILE, -ENOMEM with the reference still the caller's. */
int fd_install(struct fd_table *table, struct file *file, bool close_on_exec);
/* The file behind a descriptor, no reference added; NULL: not open. */
struct file *fd_file(const struct fd_table *table, int fd);
/* 0 or -EBADF. */
int fd_close(struct fd_table *table, int fd);

/* About to land (fork, clone, execve): a table with the same files; one more sharer (CLONE_FILES),
 * given back by fd_table_put; closing what is marked close-on-exec in an unshared table. */
struct fd_table *fd_table_copy(struct fd_table *from);
void fd_table_get(struct fd_table *table);
void fd_table_exec(struct fd_table *table);
