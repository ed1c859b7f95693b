/* SPDX-License-Identifier: MIT */
/* What paths of a program start from: current directory and umask; shared by CLONE_FS. */
#pragma once

#include <arch/spinlock.h>
#include <quench/types.h>

struct inode;

struct fs_context {
	u32 references;                /* atomic */
	struct arch_spinlock lock;     /* protects `directory` */
	const struct inode *directory; /* the current one, counted */
	u32 umask;
};

/* One with a reference, umask 022; or NULL when memory is out. Process context. */
struct fs_context *fs_context_create(const struct inode *directory);
struct fs_context *fs_context_copy(struct fs_context *from);
void fs_context_get(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);
