/* SPDX-License-Identifier: MIT */
/* System calls on an open file: read, write, pread64, lseek, close, ioctl. */
#include <asm/errno.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/syscall.h>

struct file *descriptor_file(const struct syscall *call)
{
	return fd_file(task_current()->files, (int)call->arg[0]);
}

s64 sys_read(const struct syscall *call)
{
	struct file *file = descriptor_file(call);

	return file ? file_read(file, USER_POINTER(call, 1), call->arg[2], NULL) : -EBADF;
}

s64 sys_write(const struct syscall *call)
{
	struct file *file = descriptor_file(call);

	return file ? file_write(file, USER_POINTER(call, 1), call->arg[2], NULL) : -EBADF;
}

s64 sys_pread64(const struct syscall *call)
{
	struct file *file = descriptor_file(call);
	u64 position = call->arg[3];

	if ((s64)position < 0)
		return -EINVAL;
	if (!file)
		return -EBADF;
	if (!file->operations->seek)
		return -ESPIPE;
	return file_read(file, USER_POINTER(call, 1), call->arg[2], &position);
}

s64 sys_lseek(const struct syscall *call)
{
	struct file *file = descriptor_file(call);

	return file ? file_seek(file, (s64)call->arg[1], (int)call->arg[2]) : -EBADF;
}

s64 sys_close(const struct syscall *call)
{
	return fd_close(task_current()->files, (int)call->arg[0]);
}

s64 sys_ioctl(const struct syscall *call)
{
	struct file *file = descriptor_file(call);

	if (!file)
		return -EBADF;
	if (!file->operations->control)
		return -ENOTTY;
	return file->operations->control(file, (u32)call->arg[1], call->arg[2]);
}
