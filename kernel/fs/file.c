/* SPDX-License-Identifier: MIT */
/* Open files, and the two kinds the tree itself has: regular files and directories. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/device.h>
#include <kernel/fs/file.h>
#include <kernel/fs/initramfs.h>
#include <kernel/fs/mode.h>
#include <kernel/mm/kmalloc.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

static s64 regular_read(struct file *file, void __user *buffer, size_t n, u64 *position)
{
	const struct inode *inode = file->inode;
	size_t left;

	if (*position >= inode->bytes)
		return 0;
	if (n > inode->bytes - *position)
		n = inode->bytes - *position;
	left = copy_to_user(buffer, inode->data + *position, n);
	if (left && left == n)
		return -EFAULT;
	*position += n - left;
	return (s64)(n - left);
}

/* Where SEEK_DATA and SEEK_HOLE lead in a file without holes. */
static s64 seek_data(const struct file *file, s64 offset, int whence)
{
	s64 end = (s64)file->inode->bytes;

	if (offset < 0 || offset >= end)
		return -ENXIO;
	return whence == SEEK_DATA ? offset : end;
}

static s64 regular_seek(struct file *file, s64 offset, int whence)
{
	s64 base = 0, target;

	if (whence == SEEK_CUR)
		base = (s64)file->position;
	else if (whence == SEEK_END)
		base = (s64)file->inode->bytes;
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		target = seek_data(file, offset, whence);
	else if (__builtin_add_overflow(base, offset, &target) || target < 0)
		return -EINVAL;
	if (target >= 0)
		file->position = (u64)target;
	return target;
}

static s64 directory_read(struct file *file, void __user *buffer, size_t n, u64 *position)
{
	return -EISDIR;
}

static const struct file_operations regular_operations = {
	.read = regular_read,
	.seek = regular_seek,
};
static const struct file_operations directory_operations = {
	.read = directory_read,
	.seek = regular_seek,
};

static const struct file_operations *operations_of(const struct inode *inode)
{
	if (S_ISREG(inode->mode))
		return &regular_operations;
	if (S_ISDIR(inode->mode))
		return &directory_operations;
	if (S_ISCHR(inode->mode))
		return device_operations(inode->rdev_major, inode->rdev_minor);
	return NULL;
}

struct file *file_create(const struct inode *inode, u32 flags)
{
	struct file *file = kzalloc(sizeof(*file));

	if (!file)
		return NULL;
	file->operations = operations_of(inode);
	file->references = 1;
	file->flags = flags;
	file->inode = inode;
	return file;
}

void file_get(struct file *file)
{
	file->references++;
}

void file_put(struct file *file)
{
	if (--file->references)
		return;
	if (file->operations && file->operations->release)
		file->operations->release(file);
	kfree(file);
}

static bool wants_write(u32 flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* Whether what was found can be opened as asked for. */
static int may_open(const struct inode *inode, u32 flags)
{
	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (flags & O_DIRECTORY && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (S_ISDIR(inode->mode) && (wants_write(flags) || flags & O_CREAT))
		return -EISDIR;
	if (!operations_of(inode))
		return -ENXIO;
	if (S_ISREG(inode->mode) && (wants_write(flags) || flags & O_TRUNC))
		return -EROFS;
	return 0;
}

int file_open(const struct inode *from, const char *path, u32 flags, struct file **file)
{
	bool nofollow = flags & O_NOFOLLOW || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	const struct inode *inode;
	int error =
		initramfs_lookup(from, path, nofollow ? LOOKUP_NOFOLLOW : LOOKUP_FOLLOW, &inode);

	if (error == -ENOENT && flags & O_CREAT && *path) {
		error = initramfs_lookup_parent(from, path, &inode);
		return error ? error : -EROFS;
	}
	if (!error)
		error = may_open(inode, flags);
	if (error)
		return error;
	*file = file_create(inode, flags);
	return *file ? 0 : -ENOMEM;
}

s64 file_read(struct file *file, void __user *buffer, u64 n, u64 *position)
{
	if (file->flags & O_PATH || (file->flags & O_ACCMODE) == O_WRONLY)
		return -EBADF;
	if (!file->operations->read)
		return -EINVAL;
	if (!user_range_ok(buffer, n))
		return -EFAULT;
	if (n > FILE_MAX_COUNT)
		n = FILE_MAX_COUNT;
	return file->operations->read(file, buffer, n, position ? position : &file->position);
}

s64 file_write(struct file *file, const void __user *buffer, u64 n, u64 *position)
{
	if (file->flags & O_PATH || !wants_write(file->flags))
		return -EBADF;
	if (!file->operations->write)
		return -EINVAL;
	if (!user_range_ok(buffer, n))
		return -EFAULT;
	if (n > FILE_MAX_COUNT)
		n = FILE_MAX_COUNT;
	return file->operations->write(file, buffer, n, position ? position : &file->position);
}

s64 file_seek(struct file *file, s64 offset, int whence)
{
	if (whence < SEEK_SET || whence > SEEK_HOLE)
		return -EINVAL;
	if (!file->operations->seek)
		return -ESPIPE;
	return file->operations->seek(file, offset, whence);
}
