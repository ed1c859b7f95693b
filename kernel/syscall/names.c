/* SPDX-License-Identifier: MIT */
/* System calls that make, remove, move and change names and what they stand for. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/time.h>
#include <linux/time_types.h>

#define NS_PER_SECOND INT64_C(1000000000)
#define UTIME_IS_NOW  ((1l << 30) - 1l) /* UTIME_NOW, UTIME_OMIT: utimensat(2) */
#define UTIME_IS_OMIT ((1l << 30) - 2l)

static s64 make_at(int dirfd, const char __user *path, u32 mode, u64 device)
{
	struct place place;
	s64 result = place_get(&place, dirfd, path);

	if (result)
		return result;
	result =
		fs_make(place.from, place.path, (mode & S_IFMT) | (mode & 07777 & ~current_umask()),
			(u32)(device >> 8 & 0xfff),
			(u32)(device & 0xff) | (u32)(device >> 12 & 0xfff00), NULL);
	place_put(&place);
	return result;
}

s64 sys_mkdir(const struct syscall *call)
{
	return make_at(AT_FDCWD, USER_POINTER(call, 0), S_IFDIR | ((u32)call->arg[1] & 01777), 0);
}

s64 sys_mkdirat(const struct syscall *call)
{
	return make_at((int)call->arg[0], USER_POINTER(call, 1),
		       S_IFDIR | ((u32)call->arg[2] & 01777), 0);
}

static s64 make_node(int dirfd, const char __user *path, u32 mode, u32 device)
{
	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG;
		break;
	case S_IFREG:
	case S_IFCHR:
	case S_IFIFO:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	return make_at(dirfd, path, mode, S_ISCHR(mode) ? device : 0);
}

s64 sys_mknod(const struct syscall *call)
{
	return make_node(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1], (u32)call->arg[2]);
}

s64 sys_mknodat(const struct syscall *call)
{
	return make_node((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2],
			 (u32)call->arg[3]);
}

static s64 remove_at(int dirfd, const char __user *path,
		     int (*remove)(const struct inode *from, const char *path))
{
	struct place place;
	s64 result = place_get(&place, dirfd, path);

	if (result)
		return result;
	result = remove(place.from, place.path);
	place_put(&place);
	return result;
}

s64 sys_rmdir(const struct syscall *call)
{
	return remove_at(AT_FDCWD, USER_POINTER(call, 0), fs_rmdir);
}

s64 sys_unlink(const struct syscall *call)
{
	return remove_at(AT_FDCWD, USER_POINTER(call, 0), fs_unlink);
}

s64 sys_unlinkat(const struct syscall *call)
{
	u32 flags = (u32)call->arg[2];

	if (flags & ~(u32)AT_REMOVEDIR)
		return -EINVAL;
	return remove_at((int)call->arg[0], USER_POINTER(call, 1), flags ? fs_rmdir : fs_unlink);
}

static s64 rename_at(int dirfd, const char __user *path, int new_dirfd, const char __user *new_path,
		     u32 flags)
{
	struct place from, to;
	s64 result = place_get(&from, dirfd, path);

	if (result)
		return result;
	result = place_get(&to, new_dirfd, new_path);
	if (!result) {
		result = fs_rename(from.from, from.path, to.from, to.path, flags);
		place_put(&to);
	}
	place_put(&from);
	return result;
}

s64 sys_rename(const struct syscall *call)
{
	return rename_at(AT_FDCWD, USER_POINTER(call, 0), AT_FDCWD, USER_POINTER(call, 1), 0);
}

s64 sys_renameat(const struct syscall *call)
{
	return rename_at((int)call->arg[0], USER_POINTER(call, 1), (int)call->arg[2],
			 USER_POINTER(call, 3), 0);
}

s64 sys_renameat2(const struct syscall *call)
{
	return rename_at((int)call->arg[0], USER_POINTER(call, 1), (int)call->arg[2],
			 USER_POINTER(call, 3), (u32)call->arg[4]);
}

static s64 link_at(int dirfd, const char __user *path, int new_dirfd, const char __user *new_path,
		   u32 flags)
{
	u32 lookup = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;
	struct inode *inode;
	struct place to;
	s64 result;

	if (flags & ~(u32)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	result = inode_at(dirfd, path, lookup | (flags & AT_EMPTY_PATH), &inode);
	if (result)
		return result;
	result = place_get(&to, new_dirfd, new_path);
	if (!result) {
		result = fs_link(inode, to.from, to.path);
		place_put(&to);
	}
	inode_put(inode);
	return result;
}

s64 sys_link(const struct syscall *call)
{
	return link_at(AT_FDCWD, USER_POINTER(call, 0), AT_FDCWD, USER_POINTER(call, 1), 0);
}

s64 sys_linkat(const struct syscall *call)
{
	return link_at((int)call->arg[0], USER_POINTER(call, 1), (int)call->arg[2],
		       USER_POINTER(call, 3), (u32)call->arg[4]);
}

static s64 symlink_at(const char __user *target, int dirfd, const char __user *path)
{
	struct place text, place;
	s64 result = text_get(&text, target);

	if (result)
		return result;
	result = place_get(&place, dirfd, path);
	if (!result) {
		result = fs_symlink(place.from, place.path, text.path);
		place_put(&place);
	}
	text_put(&text);
	return result;
}

s64 sys_symlink(const struct syscall *call)
{
	return symlink_at(USER_POINTER(call, 0), AT_FDCWD, USER_POINTER(call, 1));
}

s64 sys_symlinkat(const struct syscall *call)
{
	return symlink_at(USER_POINTER(call, 0), (int)call->arg[1], USER_POINTER(call, 2));
}

static s64 give_target(const struct inode *link, void __user *to, int n)
{
	s64 bytes;

	if (!link)
		return -ENOENT;
	bytes = (u64)n < link->bytes ? n : (s64)link->bytes;
	return copy_to_user(to, link->target, (size_t)bytes) ? -EFAULT : bytes;
}

static s64 readlink_at(int dirfd, const char __user *path, void __user *to, int n)
{
	struct inode *inode;
	s64 result;

	if (n <= 0)
		return -EINVAL;
	result = inode_at(dirfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &inode);
	if (result)
		return result;
	result = S_ISLNK(inode->mode) ? give_target(inode_link(inode), to, n) : -EINVAL;
	inode_put(inode);
	return result;
}

s64 sys_readlink(const struct syscall *call)
{
	return readlink_at(AT_FDCWD, USER_POINTER(call, 0), USER_POINTER(call, 1),
			   (int)call->arg[2]);
}

s64 sys_readlinkat(const struct syscall *call)
{
	return readlink_at((int)call->arg[0], USER_POINTER(call, 1), USER_POINTER(call, 2),
			   (int)call->arg[3]);
}

/* --- permissions, owner, times: of the inode, whose reference is given up --- */

static s64 change_mode(struct inode *inode, u32 mode)
{
	s64 error = S_ISLNK(inode->mode) ? -EOPNOTSUPP : 0;

	rw_write_lock(&fs_tree_lock);
	if (!error) {
		inode->mode = (inode->mode & S_IFMT) | (mode & 07777);
		inode->ctime = inode_now();
	}
	rw_write_unlock(&fs_tree_lock);
	inode_put(inode);
	return error;
}

static s64 change_owner(struct inode *inode, u32 uid, u32 gid)
{
	rw_write_lock(&fs_tree_lock);
	if (uid != UINT32_MAX)
		inode->uid = uid;
	if (gid != UINT32_MAX)
		inode->gid = gid;
	/* What somebody else made is not to be run as the new owner. */
	if (S_ISREG(inode->mode))
		inode->mode &= ~(u32)(04000 | (inode->mode & 010 ? 02000 : 0));
	inode->ctime = inode_now();
	rw_write_unlock(&fs_tree_lock);
	inode_put(inode);
	return 0;
}

/* An open file's inode by its descriptor. */
static s64 inode_of(const struct syscall *call, struct inode **inode)
{
	struct fd_hold hold = call_file(call);
	bool there = hold.file && !(hold.file->flags & O_PATH);

	if (there)
		*inode = inode_get(hold.file->inode);
	fd_release(hold);
	return there ? 0 : -EBADF;
}

static s64 mode_at(int dirfd, const char __user *path, u32 mode, u32 flags)
{
	struct inode *inode;
	s64 error = inode_at(dirfd, path, flags, &inode);

	return error ? error : change_mode(inode, mode);
}

s64 sys_chmod(const struct syscall *call)
{
	return mode_at(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1], 0);
}

s64 sys_fchmodat(const struct syscall *call)
{
	return mode_at((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2], 0);
}

s64 sys_fchmod(const struct syscall *call)
{
	struct inode *inode;
	s64 error = inode_of(call, &inode);

	return error ? error : change_mode(inode, (u32)call->arg[1]);
}

static s64 owner_at(int dirfd, const char __user *path, u32 uid, u32 gid, u32 flags)
{
	struct inode *inode;
	s64 error = inode_at(dirfd, path, flags, &inode);

	return error ? error : change_owner(inode, uid, gid);
}

s64 sys_chown(const struct syscall *call)
{
	return owner_at(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1], (u32)call->arg[2], 0);
}

s64 sys_lchown(const struct syscall *call)
{
	return owner_at(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1], (u32)call->arg[2],
			AT_SYMLINK_NOFOLLOW);
}

s64 sys_fchownat(const struct syscall *call)
{
	u32 flags = (u32)call->arg[4];

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return owner_at((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2],
			(u32)call->arg[3], flags);
}

s64 sys_fchown(const struct syscall *call)
{
	struct inode *inode;
	s64 error = inode_of(call, &inode);

	return error ? error : change_owner(inode, (u32)call->arg[1], (u32)call->arg[2]);
}

/* What a struct timespec of utimensat asks for: *time keeps what it is, or changes. */
static s64 new_time(const struct __kernel_timespec *wish, s64 now, s64 *time)
{
	if (wish->tv_nsec == UTIME_IS_OMIT)
		return 0;
	if (wish->tv_nsec == UTIME_IS_NOW) {
		*time = now;
		return 0;
	}
	if (wish->tv_nsec < 0 || wish->tv_nsec >= NS_PER_SECOND)
		return -EINVAL;
	*time = wish->tv_sec * NS_PER_SECOND + wish->tv_nsec;
	return 0;
}

static s64 set_times(struct inode *inode, const struct __kernel_timespec times[2])
{
	s64 now = inode_now(), atime = inode->atime, mtime = inode->mtime;
	s64 error = new_time(&times[0], now, &atime);

	if (!error)
		error = new_time(&times[1], now, &mtime);
	if (!error) {
		inode->atime = atime;
		inode->mtime = mtime;
		inode->ctime = now;
	}
	inode_put(inode);
	return error;
}

s64 sys_utimensat(const struct syscall *call)
{
	struct __kernel_timespec times[2] = { { .tv_nsec = UTIME_IS_NOW },
					      { .tv_nsec = UTIME_IS_NOW } };
	u32 flags = (u32)call->arg[3];
	struct inode *inode;
	s64 error;

	if (call->arg[2] && copy_from_user(times, USER_POINTER(call, 2), sizeof(times)))
		return -EFAULT;
	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (times[0].tv_nsec == UTIME_IS_OMIT && times[1].tv_nsec == UTIME_IS_OMIT)
		return 0;
	error = call->arg[1] || (int)call->arg[0] == AT_FDCWD
			? inode_at((int)call->arg[0], USER_POINTER(call, 1), flags, &inode)
			: inode_of(call, &inode);
	return error ? error : set_times(inode, times);
}
