/* SPDX-License-Identifier: MIT */
/* Open files of any kind. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/poll.h>
#include <kernel/fs/file.h>
#include <kernel/fs/flock.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/path.h>
#include <kernel/fs/poll.h>
#include <kernel/fs/regular.h>
#include <kernel/mm/kmalloc.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

/* What an O_PATH file can do: be a place for *at calls and fstat. */
static const struct file_operations no_operations;

static u32 mode_of(u32 flags)
{
	u32 access = (flags + 1) & O_ACCMODE;

	if (flags & O_PATH)
		return 0;
	/* O_RDONLY, O_WRONLY, O_RDWR are 0, 1, 2; 3 is for ioctl alone. */
	return access;
}

struct file *file_create(const struct inode *inode, u32 flags)
{
	struct file *file = kzalloc(sizeof(*file));

	if (!file)
		return NULL;
	file->operations = flags & O_PATH ? &no_operations : inode->operations;
	file->references = 1;
	file->mode = mode_of(flags);
	if (file->operations->seek)
		file->mode |= FILE_SEEKS;
	else if (file->mode & FILE_READ && file->operations->read)
		file->mode |= FILE_STREAM_READ;
	if (!file->operations->seek && file->mode & FILE_WRITE && file->operations->write)
		file->mode |= FILE_STREAM_WRITE;
	file->flags = flags & ~(u32)(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	file->inode = inode_get(inode);
	file->flock = LOCK_UN;
	mutex_init(&file->position_lock);
	return file;
}

static void destroy(struct file *file)
{
	inode_put(file->inode);
	kfree(file);
}

void file_put(struct file *file)
{
	if (__atomic_sub_fetch(&file->references, 1, __ATOMIC_ACQ_REL))
		return;
	if (unlikely(file->flock != LOCK_UN))
		flock_drop(file);
	if (file->operations->release)
		file->operations->release(file);
	destroy(file);
}

static bool wants_write(u32 flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* Whether what was found can be opened as asked for. */
static int may_open(const struct inode *inode, u32 flags)
{
	if (flags & O_DIRECTORY && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (flags & O_PATH)
		return 0;
	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (S_ISDIR(inode->mode) && (wants_write(flags) || flags & O_CREAT))
		return -EISDIR;
	return inode->operations ? 0 : -ENXIO;
}

int file_open_inode(struct inode *inode, u32 flags, struct file **file)
{
	int error = may_open(inode, flags);
	struct file *made;

	if (error)
		return error;
	made = file_create(inode, flags);
	if (!made)
		return -ENOMEM;
	if (made->operations->open)
		error = made->operations->open(made);
	if (error) {
		destroy(made);
		return error;
	}
	if (flags & O_TRUNC && S_ISREG(inode->mode) && !(flags & O_PATH))
		error = inode_truncate(inode, 0);
	if (error)
		file_put(made);
	else
		*file = made;
	return error;
}

/* O_TMPFILE: a file without a name in this directory. */
static int make_nameless(const struct inode *from, const char *path, u32 mode, struct inode **inode)
{
	struct inode *directory;
	int error = fs_lookup(from, path, LOOKUP_FOLLOW, &directory);

	if (error)
		return error;
	error = S_ISDIR(directory->mode) ? 0 : -ENOTDIR;
	inode_put(directory);
	if (error)
		return error;
	*inode = inode_create(S_IFREG | mode);
	return *inode ? 0 : -ENOMEM;
}

static int find(const struct inode *from, const char *path, u32 *flags, u32 mode,
		struct inode **inode)
{
	bool nofollow = *flags & O_NOFOLLOW;

	if (*flags & O_PATH)
		*flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (*flags & __O_TMPFILE) {
		if ((*flags & O_TMPFILE) != O_TMPFILE || !wants_write(*flags))
			return -EINVAL;
		*flags &= ~(u32)(O_TMPFILE | O_CREAT);
		return make_nameless(from, path, mode, inode);
	}
	if ((*flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	if (!(*flags & O_CREAT))
		return fs_lookup(from, path, nofollow ? LOOKUP_NOFOLLOW : LOOKUP_FOLLOW, inode);
	return fs_open_or_make(from, path, S_IFREG | mode, *flags & O_EXCL, nofollow, inode);
}

int file_open(const struct inode *from, const char *path, u32 flags, u32 mode, struct file **file)
{
	struct inode *inode;
	int error = find(from, path, &flags, mode, &inode);

	if (error)
		return error;
	error = file_open_inode(inode, flags, file);
	inode_put(inode);
	return error;
}

/* The file's own position, which others who share the file must not move meanwhile. */
static bool lock_position(struct file *file)
{
	if (READ_ONCE(file->references) == 1)
		return false;
	mutex_lock(&file->position_lock);
	return true;
}

static s64 with_position(struct file *file, struct user_buffer *buffer,
			 s64 (*transfer)(struct file *, struct user_buffer *, u64 *))
{
	bool locked = lock_position(file);
	s64 result = transfer(file, buffer, &file->position);

	if (locked)
		mutex_unlock(&file->position_lock);
	return result;
}

s64 file_read_buffer(struct file *file, struct user_buffer *to, u64 *position)
{
	if (unlikely(!(file->mode & FILE_READ)))
		return -EBADF;
	if (unlikely(!file->operations->read))
		return -EINVAL;
	if (position || !(file->mode & FILE_SEEKS))
		return file->operations->read(file, to, position);
	return with_position(file, to, file->operations->read);
}

s64 file_write_buffer(struct file *file, struct user_buffer *from, u64 *position)
{
	if (unlikely(!(file->mode & FILE_WRITE)))
		return -EBADF;
	if (unlikely(!file->operations->write))
		return -EINVAL;
	if (position || !(file->mode & FILE_SEEKS))
		return file->operations->write(file, from, position);
	return with_position(file, from, file->operations->write);
}

/* What is no stream, or no user memory. */
s64 file_read_otherwise(struct file *file, struct user_buffer *to, u64 *position)
{
	if (!(file->mode & FILE_READ))
		return -EBADF;
	if (!file->operations->read)
		return -EINVAL;
	if (!user_range_ok(to->part, to->bytes))
		return -EFAULT;
	if (to->bytes > FILE_MAX_COUNT)
		to->bytes = to->part_bytes = FILE_MAX_COUNT;
	return file_read_buffer(file, to, position);
}

s64 file_write_otherwise(struct file *file, struct user_buffer *from, u64 *position)
{
	if (!(file->mode & FILE_WRITE))
		return -EBADF;
	if (!file->operations->write)
		return -EINVAL;
	if (!user_range_ok(from->part, from->bytes))
		return -EFAULT;
	if (from->bytes > FILE_MAX_COUNT)
		from->bytes = from->part_bytes = FILE_MAX_COUNT;
	return file_write_buffer(file, from, position);
}

s64 file_seek(struct file *file, s64 offset, int whence)
{
	bool locked;
	s64 result;

	if (whence < SEEK_SET || whence > SEEK_HOLE)
		return -EINVAL;
	if (!file->operations->seek)
		return -ESPIPE;
	locked = lock_position(file);
	result = file->operations->seek(file, offset, whence);
	if (locked)
		mutex_unlock(&file->position_lock);
	return result;
}

unsigned file_poll(struct file *file, struct poll_table *table)
{
	if (file->operations->poll)
		return file->operations->poll(file, table);
	return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}
