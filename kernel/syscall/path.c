/* SPDX-License-Identifier: MIT */
/* How paths come from the program; open, the current directory, umask. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/fs_context.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>

int path_get(const char __user *from, char **path)
{
	char *text = kmalloc(PATH_MAX);
	s64 length;

	if (!text)
		return -ENOMEM;
	length = strncpy_from_user(text, from, PATH_MAX);
	if (length < 0 || length == PATH_MAX) {
		kfree(text);
		return length < 0 ? (int)length : -ENAMETOOLONG;
	}
	*path = text;
	return 0;
}

int text_get(struct place *place, const char __user *from)
{
	s64 length = strncpy_from_user(place->few, from, PATH_FEW);

	if (length < 0)
		return (int)length;
	place->path = place->few;
	place->from = NULL;
	/* A longer one is copied once more, into memory that holds any. */
	return length < PATH_FEW ? 0 : path_get(from, &place->path);
}

void text_put(struct place *place)
{
	if (place->path != place->few)
		kfree(place->path);
}

static struct inode *current_directory(void)
{
	struct fs_context *fs = task_current()->fs;
	struct inode *directory;

	arch_spin_lock(&fs->lock);
	directory = inode_get(fs->directory);
	arch_spin_unlock(&fs->lock);
	return directory;
}

u32 current_umask(void)
{
	return READ_ONCE(task_current()->fs->umask);
}

static int start_of(int dirfd, const char *path, struct inode **from)
{
	struct fd_hold hold;
	int error = 0;

	if (dirfd == AT_FDCWD || path[0] == '/') {
		*from = path[0] == '/' ? inode_get(fs_root()) : current_directory();
		return 0;
	}
	hold = fd_hold(task_current()->files, dirfd);
	if (!hold.file)
		return -EBADF;
	if (path[0] && !S_ISDIR(hold.file->inode->mode))
		error = -ENOTDIR;
	else
		*from = inode_get(hold.file->inode);
	fd_release(hold);
	return error;
}

int place_get(struct place *place, int dirfd, const char __user *from)
{
	int error = text_get(place, from);

	if (error)
		return error;
	error = start_of(dirfd, place->path, &place->from);
	if (error)
		text_put(place);
	return error;
}

void place_put(struct place *place)
{
	text_put(place);
	inode_put(place->from);
}

int inode_at(int dirfd, const char __user *path, u32 flags, struct inode **inode)
{
	enum lookup how = flags & AT_SYMLINK_NOFOLLOW ? LOOKUP_NOFOLLOW : LOOKUP_FOLLOW;
	struct place place;
	int error = place_get(&place, dirfd, path);

	if (error)
		return error;
	if (!place.path[0] && flags & AT_EMPTY_PATH)
		*inode = inode_get(place.from);
	else
		error = fs_lookup(place.from, place.path, how, inode);
	place_put(&place);
	return error;
}

/* --- open --- */

static s64 open_place(const struct place *place, u32 flags, u32 mode)
{
	struct fd_table *table = task_current()->files;
	struct file *file;
	int fd, error;

	/* First the number: without one nothing is created. */
	fd = fd_reserve(table, 0, flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	error = file_open(place->from, place->path, flags, mode & 07777 & ~current_umask(), &file);
	if (error)
		fd_unreserve(table, fd);
	else
		fd_fill(table, fd, file);
	return error ? error : fd;
}

static s64 open_at(int dirfd, const char __user *path, u32 flags, u32 mode)
{
	struct place place;
	s64 result = place_get(&place, dirfd, path);

	if (result)
		return result;
	result = open_place(&place, flags | O_LARGEFILE, mode);
	place_put(&place);
	return result;
}

s64 sys_open(const struct syscall *call)
{
	return open_at(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1], (u32)call->arg[2]);
}

s64 sys_creat(const struct syscall *call)
{
	return open_at(AT_FDCWD, USER_POINTER(call, 0), O_CREAT | O_WRONLY | O_TRUNC,
		       (u32)call->arg[1]);
}

s64 sys_openat(const struct syscall *call)
{
	return open_at((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2],
		       (u32)call->arg[3]);
}

/* --- where paths start --- */

static s64 change_directory(struct inode *inode)
{
	struct fs_context *fs = task_current()->fs;
	const struct inode *old;

	if (!S_ISDIR(inode->mode)) {
		inode_put(inode);
		return -ENOTDIR;
	}
	arch_spin_lock(&fs->lock);
	old = fs->directory;
	fs->directory = inode;
	arch_spin_unlock(&fs->lock);
	inode_put(old);
	return 0;
}

s64 sys_chdir(const struct syscall *call)
{
	struct inode *inode;
	int error = inode_at(AT_FDCWD, USER_POINTER(call, 0), 0, &inode);

	return error ? error : change_directory(inode);
}

s64 sys_fchdir(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = hold.file ? change_directory(inode_get(hold.file->inode)) : -EBADF;

	fd_release(hold);
	return result;
}

s64 sys_getcwd(const struct syscall *call)
{
	char *text = kmalloc(PATH_MAX);
	struct inode *directory;
	s64 length;

	if (!text)
		return -ENOMEM;
	directory = current_directory();
	length = fs_path_of(directory, text, PATH_MAX);
	inode_put(directory);
	if (length == -ERANGE)
		length = -ENAMETOOLONG;
	else if (length > 0 && (u64)length > call->arg[1])
		length = -ERANGE;
	if (length > 0 && copy_to_user(USER_POINTER(call, 0), text, (size_t)length))
		length = -EFAULT;
	kfree(text);
	return length;
}

s64 sys_umask(const struct syscall *call)
{
	return __atomic_exchange_n(&task_current()->fs->umask, (u32)call->arg[0] & 0777,
				   __ATOMIC_RELAXED);
}
