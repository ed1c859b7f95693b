/* SPDX-License-Identifier: MIT */
/* System calls on descriptors: close, dup, fcntl, pipe, memfd_create. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/flock.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/pipe.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/memfd.h>

/* What F_SETFL can change. */
#define CHANGEABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | FASYNC)

s64 sys_close(const struct syscall *call)
{
	return fd_close(task_current()->files, (int)call->arg[0]);
}

static s64 close_or_mark(struct fd_table *table, u32 first, u32 last, bool mark)
{
	if (last >= FD_MAX)
		last = FD_MAX - 1;
	for (u32 fd = first; fd <= last && fd < READ_ONCE(table->capacity); fd++) {
		if (mark)
			fd_set_flags(table, (int)fd, true);
		else
			fd_close(table, (int)fd);
	}
	return 0;
}

s64 sys_close_range(const struct syscall *call)
{
	u32 first = (u32)call->arg[0], last = (u32)call->arg[1], flags = (u32)call->arg[2];

	if (first > last || flags & ~(u32)CLOSE_RANGE_CLOEXEC)
		return -EINVAL;
	return close_or_mark(task_current()->files, first, last, flags & CLOSE_RANGE_CLOEXEC);
}

static s64 dup_from(struct file *file, int from, bool close_on_exec)
{
	struct fd_table *table = task_current()->files;
	int fd = fd_reserve(table, from, close_on_exec);

	if (fd < 0)
		return fd;
	file_get(file);
	fd_fill(table, fd, file);
	return fd;
}

s64 sys_dup(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = hold.file ? dup_from(hold.file, 0, false) : -EBADF;

	fd_release(hold);
	return result;
}

static s64 dup_to(const struct syscall *call, bool close_on_exec)
{
	struct file *file = fd_file_get(task_current()->files, (int)call->arg[0]);
	s64 result;

	if (!file)
		return -EBADF;
	result = fd_replace(task_current()->files, (int)call->arg[1], file, close_on_exec);
	file_put(file);
	return result;
}

s64 sys_dup2(const struct syscall *call)
{
	if (call->arg[0] != call->arg[1])
		return dup_to(call, false);
	return fd_flags(task_current()->files, (int)call->arg[0]) < 0 ? -EBADF : (int)call->arg[0];
}

s64 sys_dup3(const struct syscall *call)
{
	u32 flags = (u32)call->arg[2];

	if (flags & ~(u32)O_CLOEXEC || (int)call->arg[0] == (int)call->arg[1])
		return -EINVAL;
	return dup_to(call, flags & O_CLOEXEC);
}

/* --- fcntl --- */

static s64 add_seals(struct file *file, u32 seals)
{
	struct inode *inode = file->inode;
	s64 result = -EPERM;

	if (!S_ISREG(inode->mode))
		return -EINVAL;
	if (!(file->mode & FILE_WRITE))
		return -EPERM;
	if (seals &
	    ~(u32)(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EINVAL;
	mutex_lock(&inode->lock);
	if (!(inode->seals & F_SEAL_SEAL)) {
		inode->seals |= seals;
		result = 0;
	}
	mutex_unlock(&inode->lock);
	return result;
}

static s64 set_status(struct file *file, u32 flags)
{
	file->flags = (file->flags & ~(u32)CHANGEABLE) | (flags & CHANGEABLE);
	return 0;
}

static s64 on_file(struct file *file, u32 command, u64 argument)
{
	switch (command) {
	case F_GETFL:
		return file->flags;
	case F_SETFL:
		return set_status(file, (u32)argument);
	case F_GETOWN:
		return file->owner;
	case F_SETOWN:
		file->owner = (int)argument;
		return 0;
	case F_GETPIPE_SZ:
		return file_is_pipe(file) ? pipe_capacity(file) : -EBADF;
	case F_SETPIPE_SZ:
		return file_is_pipe(file) ? pipe_set_capacity(file, (u32)argument) : -EBADF;
	case F_ADD_SEALS:
		return add_seals(file, (u32)argument);
	case F_GET_SEALS:
		return S_ISREG(file->inode->mode) ? (s64)file->inode->seals : -EINVAL;
	default:
		return -EINVAL;
	}
}

static s64 duplicate(struct file *file, u64 from, bool close_on_exec)
{
	if (from >= FD_MAX)
		return -EINVAL;
	return dup_from(file, (int)from, close_on_exec);
}

static s64 control(struct file *file, int fd, u32 command, u64 argument)
{
	bool path_only = file->flags & O_PATH;

	switch (command) {
	case F_DUPFD:
		return duplicate(file, (u32)argument, false);
	case F_DUPFD_CLOEXEC:
		return duplicate(file, (u32)argument, true);
	case F_GETFD:
		return fd_flags(task_current()->files, fd);
	case F_SETFD:
		return fd_set_flags(task_current()->files, fd, argument & FD_CLOEXEC);
	}
	return path_only && command != F_GETFL ? -EBADF : on_file(file, command, argument);
}

s64 sys_fcntl(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file)
		result = control(hold.file, (int)call->arg[0], (u32)call->arg[1], call->arg[2]);
	fd_release(hold);
	return result;
}

s64 sys_flock(const struct syscall *call)
{
	struct fd_hold hold = call_file(call);
	s64 result = -EBADF;

	if (hold.file && !(hold.file->flags & O_PATH))
		result = flock_apply(hold.file, (u32)call->arg[1]);
	fd_release(hold);
	return result;
}

/* --- new files without a path --- */

/* Descriptors for both ends, told to the program before anybody can use them: when that fails
 * nothing is left. */
static s64 install_ends(struct file *ends[2], bool close_on_exec, void __user *to)
{
	struct fd_table *table = task_current()->files;
	int fds[2], error = -EFAULT;

	fds[0] = fd_reserve(table, 0, close_on_exec);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = fd_reserve(table, 0, close_on_exec);
	if (fds[1] < 0)
		error = fds[1];
	else if (!copy_to_user(to, fds, sizeof(fds)))
		error = 0;
	for (int i = 0; i < 2; i++) {
		if (!error)
			fd_fill(table, fds[i], ends[i]);
		else if (fds[i] >= 0)
			fd_unreserve(table, fds[i]);
	}
	return error;
}

static s64 make_pipe(void __user *to, u32 flags)
{
	struct file *ends[2];
	s64 error;

	if (flags & ~(u32)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	error = pipe_create(flags & ~(u32)O_CLOEXEC, ends);
	if (error)
		return error;
	error = install_ends(ends, flags & O_CLOEXEC, to);
	if (error) {
		file_put(ends[0]);
		file_put(ends[1]);
	}
	return error;
}

s64 sys_pipe(const struct syscall *call)
{
	return make_pipe(USER_POINTER(call, 0), 0);
}

s64 sys_pipe2(const struct syscall *call)
{
	return make_pipe(USER_POINTER(call, 0), (u32)call->arg[1]);
}

#define MEMFD_NAME_BYTES 250 /* with the NUL; what "memfd:" leaves of a name */

static s64 install_memfd(u32 flags)
{
	struct inode *inode = inode_create(S_IFREG | 0777);
	struct file *file = NULL;
	s64 fd;

	if (!inode)
		return -ENOMEM;
	inode->seals = flags & MFD_ALLOW_SEALING ? 0 : F_SEAL_SEAL;
	fd = file_open_inode(inode, O_RDWR | O_LARGEFILE, &file);
	inode_put(inode);
	if (fd)
		return fd;
	fd = fd_install(task_current()->files, file, flags & MFD_CLOEXEC);
	if (fd < 0)
		file_put(file);
	return fd;
}

s64 sys_memfd_create(const struct syscall *call)
{
	u32 flags = (u32)call->arg[1];
	size_t length;

	if (flags & ~(u32)(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	length = strnlen_user(USER_POINTER(call, 0), MEMFD_NAME_BYTES);
	if (!length)
		return -EFAULT;
	if (length > MEMFD_NAME_BYTES)
		return -EINVAL;
	return install_memfd(flags);
}
