/* SPDX-License-Identifier: MIT */
/* What there is to know about a file: the stat family, access, statfs. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <kernel/fs/mode.h>
#include <kernel/mm/page.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <quench/string.h>

#define SECTOR_BYTES  512 /* st_blocks' unit */
#define ROOT_DEVICE   1   /* st_dev: no device of its own */
#define NS_PER_SECOND INT64_C(1000000000)

/* As Linux encodes a 32-bit device number for user space. */
static u64 device_number(u32 major, u32 minor)
{
	return (minor & 0xff) | (u64)major << 8 | (u64)(minor & ~0xffu) << 12;
}

static s64 size_of(const struct inode *inode)
{
	if (S_ISREG(inode->mode) || S_ISLNK(inode->mode))
		return (s64)READ_ONCE(inode->bytes);
	return 0;
}

static s64 blocks_of(const struct inode *inode)
{
	if (!S_ISREG(inode->mode))
		return 0;
	return (s64)(ALIGN_UP(READ_ONCE(inode->bytes), PAGE_BYTES) / SECTOR_BYTES);
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
	stat.st_size = size_of(inode);
	stat.st_blksize = PAGE_BYTES;
	stat.st_blocks = blocks_of(inode);
	stat.st_atime = (u64)(inode->atime / NS_PER_SECOND);
	stat.st_atime_nsec = (u64)(inode->atime % NS_PER_SECOND);
	stat.st_mtime = (u64)(inode->mtime / NS_PER_SECOND);
	stat.st_mtime_nsec = (u64)(inode->mtime % NS_PER_SECOND);
	stat.st_ctime = (u64)(inode->ctime / NS_PER_SECOND);
	stat.st_ctime_nsec = (u64)(inode->ctime % NS_PER_SECOND);
	return copy_to_user(to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

static s64 give_at(int dirfd, const char __user *path, void __user *to, u32 flags)
{
	struct inode *inode;
	s64 result = inode_at(dirfd, path, flags, &inode);

	if (result)
		return result;
	result = give(inode, to);
	inode_put(inode);
	return result;
}

s64 sys_stat(const struct syscall *call)
{
	return give_at(AT_FDCWD, USER_POINTER(call, 0), USER_POINTER(call, 1), 0);
}

s64 sys_lstat(const struct syscall *call)
{
	return give_at(AT_FDCWD, USER_POINTER(call, 0), USER_POINTER(call, 1), AT_SYMLINK_NOFOLLOW);
}

s64 sys_fstat(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = hold.file ? give(hold.file->inode, USER_POINTER(call, 1)) : -EBADF;

	fd_release(hold);
	return result;
}

s64 sys_newfstatat(const struct syscall *call)
{
	u32 flags = (u32)call->arg[3];

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
		return -EINVAL;
	return give_at((int)call->arg[0], USER_POINTER(call, 1), USER_POINTER(call, 2), flags);
}

static struct statx_timestamp time_of(s64 ns)
{
	return (struct statx_timestamp){ .tv_sec = ns / NS_PER_SECOND,
					 .tv_nsec = (u32)(ns % NS_PER_SECOND) };
}

static s64 give_statx(const struct inode *inode, void __user *to)
{
	struct statx stat;

	memset(&stat, 0, sizeof(stat));
	stat.stx_mask = STATX_BASIC_STATS;
	stat.stx_blksize = PAGE_BYTES;
	stat.stx_nlink = inode->nlink;
	stat.stx_uid = inode->uid;
	stat.stx_gid = inode->gid;
	stat.stx_mode = (u16)inode->mode;
	stat.stx_ino = inode->number;
	stat.stx_size = (u64)size_of(inode);
	stat.stx_blocks = (u64)blocks_of(inode);
	stat.stx_atime = time_of(inode->atime);
	stat.stx_ctime = time_of(inode->ctime);
	stat.stx_mtime = time_of(inode->mtime);
	stat.stx_rdev_major = inode->rdev_major;
	stat.stx_rdev_minor = inode->rdev_minor;
	stat.stx_dev_minor = ROOT_DEVICE;
	return copy_to_user(to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

s64 sys_statx(const struct syscall *call)
{
	u32 flags = (u32)call->arg[2], mask = (u32)call->arg[3];
	struct inode *inode;
	s64 result;

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT |
			   AT_STATX_SYNC_TYPE) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE || mask & STATX__RESERVED)
		return -EINVAL;
	result = inode_at((int)call->arg[0], USER_POINTER(call, 1), flags, &inode);
	if (result)
		return result;
	result = give_statx(inode, USER_POINTER(call, 4));
	inode_put(inode);
	return result;
}

/* --- access: everybody is root, who may do all but run what nobody may --- */

#define ACCESS_RUN 1
#define ACCESS_ALL 7

static s64 access_at(int dirfd, const char __user *path, u32 mode, u32 flags)
{
	struct inode *inode;
	s64 result;

	if (mode & ~(u32)ACCESS_ALL)
		return -EINVAL;
	result = inode_at(dirfd, path, flags, &inode);
	if (result)
		return result;
	if (mode & ACCESS_RUN && !S_ISDIR(inode->mode) && !(inode->mode & 0111))
		result = -EACCES;
	inode_put(inode);
	return result;
}

s64 sys_access(const struct syscall *call)
{
	return access_at(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1], 0);
}

s64 sys_faccessat(const struct syscall *call)
{
	return access_at((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2], 0);
}

s64 sys_faccessat2(const struct syscall *call)
{
	u32 flags = (u32)call->arg[3];

	if (flags & ~(u32)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return access_at((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2], flags);
}

/* --- statfs: the one file system --- */

static s64 give_statfs(void __user *to)
{
	struct statfs stat;

	memset(&stat, 0, sizeof(stat));
	stat.f_type = TMPFS_MAGIC;
	stat.f_bsize = stat.f_frsize = PAGE_BYTES;
	stat.f_blocks = (s64)page_total_count();
	stat.f_bfree = stat.f_bavail = (s64)page_free_count();
	stat.f_namelen = NAME_MAX_BYTES;
	return copy_to_user(to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

s64 sys_statfs(const struct syscall *call)
{
	struct inode *inode;
	int error = inode_at(AT_FDCWD, USER_POINTER(call, 0), 0, &inode);

	if (error)
		return error;
	inode_put(inode);
	return give_statfs(USER_POINTER(call, 1));
}

s64 sys_fstatfs(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);

	fd_release(hold);
	return hold.file ? give_statfs(USER_POINTER(call, 1)) : -EBADF;
}
