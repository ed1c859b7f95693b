/* SPDX-License-Identifier: MIT */
/* Current directory and umask. */
#include <kernel/fs/inode.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/fs_context.h>

#define UMASK 022 /* as init finds it on Linux */

struct fs_context *fs_context_create(const struct inode *directory)
{
	struct fs_context *fs = kzalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->references = 1;
	fs->directory = inode_get(directory);
	fs->umask = UMASK;
	return fs;
}

struct fs_context *fs_context_copy(struct fs_context *from)
{
	struct fs_context *fs;

	arch_spin_lock(&from->lock);
	fs = fs_context_create(from->directory);
	if (fs)
		fs->umask = from->umask;
	arch_spin_unlock(&from->lock);
	return fs;
}

void fs_context_get(struct fs_context *fs)
{
	__atomic_fetch_add(&fs->references, 1, __ATOMIC_RELAXED);
}

void fs_context_put(struct fs_context *fs)
{
	if (__atomic_sub_fetch(&fs->references, 1, __ATOMIC_ACQ_REL))
		return;
	inode_put(fs->directory);
	kfree(fs);
}
