/* SPDX-License-Identifier: MIT */
/* The stat family. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/stat.h>
#include <kernel/fs/initramfs.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/fs_context.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <linux/fcntl.h>
#include <quench/string.h>

#define SECTOR_BYTES 512 /* st_blocks' unit */
#define ROOT_DEVICE  1   /* st_dev: no device of its own */

/* As Linux encodes a 32-bit device number for user space. */
static u64 device_number(u32 major, u32 minor)
{
	return (minor & 0xff) | (u64)major << 8 | (u64)(minor & ~0xffu) << 12;
}

static s64 give(const struct inode *inode, void __user *to)
{
	struct stat stat;

	memset(&stat, 0, sizeof(stat));
	stat.st_dev = ROOT_DEVICE;
	stat.st_ino = inode->number;
	stat.st_nlink = inode->nlink;
	stat.st_mode = inode->mode;
	stat.st_uid = inode->uid;
	stat.st_gid = inode->gid;
	stat.st_rdev = device_number(inode->rdev_major, inode->rdev_minor);
	stat.st_size = (s64)inode->bytes;
	stat.st_blksize = PAGE_BYTES;
	stat.st_blocks = (s64)((inode->bytes + SECTOR_BYTES - 1) / SECTOR_BYTES);
	stat.st_atime = stat.st_mtime = stat.st_ctime = inode->mtime;
	return copy_to_user(to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

static s64 give_file(int fd, void __user *to)
{
	const struct file *file = fd_file(task_current()->files, fd);

	return file ? give(file->inode, to) : -EBADF;
}

static s64 give_path(int dirfd, const char __user *user_path, void __user *to, u32 flags)
{
	enum lookup how = flags & AT_SYMLINK_NOFOLLOW ? LOOKUP_NOFOLLOW : LOOKUP_FOLLOW;
	const struct inode *directory, *inode;
	bool empty;
	char *path;
	int error = path_get(user_path, &path);

	if (error)
		return error;
	empty = !path[0] && flags & AT_EMPTY_PATH;
	if (!empty) {
		error = path_directory(dirfd, path, &directory);
		if (!error)
			error = initramfs_lookup(directory, path, how, &inode);
	}
	kfree(path);
	if (error)
		return error;
	if (!empty)
		return give(inode, to);
	return dirfd == AT_FDCWD ? give(task_current()->fs->directory, to) : give_file(dirfd, to);
}

s64 sys_stat(const struct syscall *call)
{
	return give_path(AT_FDCWD, USER_POINTER(call, 0), USER_POINTER(call, 1), 0);
}

s64 sys_lstat(const struct syscall *call)
{
	return give_path(AT_FDCWD, USER_POINTER(call, 0), USER_POINTER(call, 1),
			 AT_SYMLINK_NOFOLLOW);
}

s64 sys_fstat(const struct syscall *call)
{
	return give_file((int)call->arg[0], USER_POINTER(call, 1));
}

s64 sys_newfstatat(const struct syscall *call)
{
	u32 flags = (u32)call->arg[3];

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	return give_path((int)call->arg[0], USER_POINTER(call, 1), USER_POINTER(call, 2), flags);
}
