/* SPDX-License-Identifier: MIT */
/* System calls on one open file: transfers, position, size, ioctl. */
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/regular.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>

/* With the table shared among threads, the file is counted for the length of the call. */
static __noinline s64 read_counted(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file)
		result = file_read(hold.file, USER_POINTER(call, 1), call->arg[2], NULL);
	fd_release(hold);
	return result;
}

static __noinline s64 write_counted(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file)
		result = file_write(hold.file, USER_POINTER(call, 1), call->arg[2], NULL);
	fd_release(hold);
	return result;
}

s64 sys_read(const struct syscall *call)
{
	struct fd_table *table = task_current()->files;
	struct file *file;

	if (unlikely(fd_is_shared(table)))
		return read_counted(call);
	file = fd_own(table, (int)call->arg[0]);
	if (unlikely(!file))
		return -EBADF;
	return file_read(file, USER_POINTER(call, 1), call->arg[2], NULL);
}

s64 sys_write(const struct syscall *call)
{
	struct fd_table *table = task_current()->files;
	struct file *file;

	if (unlikely(fd_is_shared(table)))
		return write_counted(call);
	file = fd_own(table, (int)call->arg[0]);
	if (unlikely(!file))
		return -EBADF;
	return file_write(file, USER_POINTER(call, 1), call->arg[2], NULL);
}

static s64 at_position(const struct syscall *call,
		       s64 (*transfer)(struct file *, const struct syscall *, u64 *))
{
	u64 position = call->arg[3];
	struct fd_hold hold;
	s64 result = -EBADF;

	if ((s64)position < 0)
		return -EINVAL;
	hold = call_file(call);
	if (hold.file && hold.file->mode)
		result = hold.file->mode & FILE_SEEKS ? transfer(hold.file, call, &position)
						      : -ESPIPE;
	fd_release(hold);
	return result;
}

static s64 read_at(struct file *file, const struct syscall *call, u64 *position)
{
	return file_read(file, USER_POINTER(call, 1), call->arg[2], position);
}
static s64 write_at(struct file *file, const struct syscall *call, u64 *position)
{
	return file_write(file, USER_POINTER(call, 1), call->arg[2], position);
}

s64 sys_pread64(const struct syscall *call)
{
	return at_position(call, read_at);
}

s64 sys_pwrite64(const struct syscall *call)
{
	return at_position(call, write_at);
}

s64 sys_lseek(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file && !(hold.file->flags & O_PATH))
		result = file_seek(hold.file, (s64)call->arg[1], (int)call->arg[2]);
	fd_release(hold);
	return result;
}

/* FIONBIO: O_NONBLOCK by another name. */
static s64 set_nonblock(struct file *file, const void __user *from)
{
	u32 on;

	if (get_user_32(&on, from))
		return -EFAULT;
	file->flags = on ? file->flags | O_NONBLOCK : file->flags & ~(u32)O_NONBLOCK;
	return 0;
}

static s64 control(struct file *file, int fd, u32 request, u64 argument)
{
	switch (request) {
	case FIOCLEX:
		return fd_set_flags(task_current()->files, fd, true);
	case FIONCLEX:
		return fd_set_flags(task_current()->files, fd, false);
	case FIONBIO:
		return set_nonblock(file, (const void __user *)argument);
	}
	return file->operations->control ? file->operations->control(file, request, argument)
					 : -ENOTTY;
}

s64 sys_ioctl(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file && !(hold.file->flags & O_PATH))
		result = control(hold.file, (int)call->arg[0], (u32)call->arg[1], call->arg[2]);
	fd_release(hold);
	return result;
}

/* Everything is in memory, which is all there is to be in step with. */
s64 sys_fsync(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file && hold.file->mode)
		result = S_ISREG(hold.file->inode->mode) || S_ISDIR(hold.file->inode->mode)
				 ? 0
				 : -EINVAL;
	fd_release(hold);
	return result;
}

s64 sys_sync(const struct syscall *call)
{
	return 0;
}

static s64 truncate_file(struct file *file, u64 bytes)
{
	if (!(file->mode & FILE_WRITE) || !S_ISREG(file->inode->mode))
		return -EINVAL;
	return inode_truncate(file->inode, bytes);
}

s64 sys_ftruncate(const struct syscall *call)
{
	struct fd_hold hold;
	s64 result = -EBADF;

	if ((s64)call->arg[1] < 0)
		return -EINVAL;
	hold = call_file(call);
	if (hold.file && !(hold.file->flags & O_PATH))
		result = truncate_file(hold.file, call->arg[1]);
	fd_release(hold);
	return result;
}

static s64 truncate_inode(struct inode *inode, u64 bytes)
{
	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -EINVAL;
	return inode_truncate(inode, bytes);
}

s64 sys_truncate(const struct syscall *call)
{
	struct inode *inode;
	s64 error;

	if ((s64)call->arg[1] < 0)
		return -EINVAL;
	error = inode_at(AT_FDCWD, USER_POINTER(call, 0), 0, &inode);
	if (error)
		return error;
	error = truncate_inode(inode, call->arg[1]);
	inode_put(inode);
	return error;
}

/* Room need not be set aside: only the size can change. */
static s64 allocate(struct file *file, u32 mode, s64 offset, s64 bytes)
{
	s64 error = 0;

	if (offset < 0 || bytes <= 0)
		return -EINVAL;
	if (mode & ~(u32)FALLOC_FL_KEEP_SIZE)
		return -EOPNOTSUPP;
	if (!(file->mode & FILE_WRITE))
		return -EBADF;
	if (!S_ISREG(file->inode->mode))
		return S_ISFIFO(file->inode->mode) ? -ESPIPE : -ENODEV;
	if (bytes > INT64_MAX - offset)
		return -EFBIG;
	mutex_lock(&file->inode->lock);
	if (!(mode & FALLOC_FL_KEEP_SIZE) && (u64)(offset + bytes) > file->inode->bytes)
		error = inode_truncate_locked(file->inode, (u64)(offset + bytes));
	mutex_unlock(&file->inode->lock);
	return error;
}

s64 sys_fallocate(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file)
		result = allocate(hold.file, (u32)call->arg[1], (s64)call->arg[2],
				  (s64)call->arg[3]);
	fd_release(hold);
	return result;
}

s64 sys_fadvise64(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file && S_ISFIFO(hold.file->inode->mode))
		result = -ESPIPE;
	else if (hold.file)
		result = (int)call->arg[3] < POSIX_FADV_NORMAL ||
					 (int)call->arg[3] > POSIX_FADV_NOREUSE
				 ? -EINVAL
				 : 0;
	fd_release(hold);
	return result;
}

s64 sys_getdents64(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	u64 n = (u32)call->arg[2];
	struct user_buffer to;
	s64 result = -EBADF;

	if (hold.file && hold.file->mode & FILE_READ) {
		user_buffer_init(&to, USER_POINTER(call, 1), n);
		result = -ENOTDIR;
		if (hold.file->operations->list) {
			mutex_lock(&hold.file->position_lock);
			result = user_range_ok(USER_POINTER(call, 1), n)
					 ? hold.file->operations->list(hold.file, &to)
					 : -EFAULT;
			mutex_unlock(&hold.file->position_lock);
		}
	}
	fd_release(hold);
	return result;
}
