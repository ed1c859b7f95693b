/* SPDX-License-Identifier: MIT */
/* System calls that open by path, and how a path comes from the program. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/fs_context.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <linux/fcntl.h>
#include <linux/limits.h>

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

int path_directory(int dirfd, const char *path, const struct inode **directory)
{
	const struct file *file;

	*directory = task_current()->fs->directory;
	if (dirfd == AT_FDCWD || path[0] == '/')
		return 0;
	file = fd_file(task_current()->files, dirfd);
	if (!file)
		return -EBADF;
	*directory = file->inode;
	return file->inode && S_ISDIR(file->inode->mode) ? 0 : -ENOTDIR;
}

static s64 open_at(int dirfd, const char __user *user_path, u32 flags)
{
	const struct inode *directory;
	struct file *file;
	char *path;
	int fd, error = path_get(user_path, &path);

	if (error)
		return error;
	error = path_directory(dirfd, path, &directory);
	if (!error)
		error = file_open(directory, path, flags, &file);
	kfree(path);
	if (error)
		return error;
	fd = fd_install(task_current()->files, file, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(file);
	return fd;
}

s64 sys_open(const struct syscall *call)
{
	return open_at(AT_FDCWD, USER_POINTER(call, 0), (u32)call->arg[1]);
}

s64 sys_openat(const struct syscall *call)
{
	return open_at((int)call->arg[0], USER_POINTER(call, 1), (u32)call->arg[2]);
}
