/* SPDX-License-Identifier: MIT */
/* What the calls on files and paths share. Process context. */
#pragma once

#include <kernel/fs/fd_table.h>
#include <kernel/fs/path.h>
#include <kernel/proc/task.h>
#include <kernel/syscall/syscall.h>

/* The open file whose descriptor is the first argument; to be released with fd_release, also
 * when there is none: EBADF. */
static inline struct fd_hold call_file(const struct syscall *call)
{
	return fd_hold(task_current()->files, (int)call->arg[0]);
}

#define PATH_FEW 160 /* most paths are shorter */

/* A path from the program and the directory it starts from. */
struct place {
	struct inode *from;
	char *path; /* NUL-terminated, in kernel memory */
	char few[PATH_FEW];
};

/* A string with its NUL: 0, -EFAULT, -ENAMETOOLONG (4096 bytes without a NUL), -ENOMEM. The path
 * is place->path; place->from is nothing yet. */
int text_get(struct place *place, const char __user *from) __must_check;
void text_put(struct place *place);
/* The same into memory of its own, to be released with kfree (execve). */
int path_get(const char __user *from, char **path) __must_check;
/* A path with where it starts: `dirfd` as openat(2) has it. -EBADF, -ENOTDIR as well. */
int place_get(struct place *place, int dirfd, const char __user *from) __must_check;
void place_put(struct place *place);

/* The inode, with a reference, that fstatat(2) and the like mean; of `flags` AT_EMPTY_PATH and
 * AT_SYMLINK_NOFOLLOW count. */
int inode_at(int dirfd, const char __user *path, u32 flags, struct inode **inode) __must_check;

/* The running program's umask. */
u32 current_umask(void);

/* The parts of a vector, checked: 0 with the buffer set up, or -EFAULT, -EINVAL, -ENOMEM; *parts
 * to be freed with vector_put. */
#define VECTOR_FEW 8
struct iovec;
struct vector {
	struct user_buffer buffer;
	struct iovec *parts;
	struct {
		u64 base, bytes;
	} few[VECTOR_FEW];
};
int vector_get(struct vector *vector, const void __user *from, int count) __must_check;
void vector_put(struct vector *vector);
