/* SPDX-License-Identifier: MIT */
/* sendfile: from a file in memory straight to another file. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/fs/regular.h>
#include <kernel/mm/page.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/fcntl.h>
#include <quench/string.h>

/* What stands together in the source goes in one write; zeros come from here. */
static const u8 zeros[512];

static s64 send_part(struct file *out, struct inode *source, u64 position, size_t n)
{
	struct user_buffer from;
	const u8 *bytes;
	paddr_t page;
	size_t part = inode_bytes_at(source, position, n, &bytes, &page);
	s64 done = 0;

	if (!bytes && part > sizeof(zeros))
		part = sizeof(zeros);
	if (part) {
		user_buffer_init_kernel(&from, (u8 *)(part && bytes ? bytes : zeros), part);
		done = file_write_buffer(out, &from, NULL);
	}
	if (page)
		page_put(page);
	return done;
}

static s64 send(struct file *out, struct inode *source, u64 *position, u64 n)
{
	s64 total = 0;

	while (n) {
		s64 done = send_part(out, source, *position, n);

		if (done <= 0)
			return total ? total : done;
		total += done;
		*position += (u64)done;
		n -= (u64)done;
	}
	return total;
}

static s64 send_from(struct file *out, struct file *in, void __user *offset, u64 n)
{
	u64 position = in->position;
	s64 result;

	if (!(in->mode & FILE_READ) || !(out->mode & FILE_WRITE))
		return -EBADF;
	if (!S_ISREG(in->inode->mode) || out->flags & O_APPEND)
		return -EINVAL;
	if (offset && get_user_64(&position, offset))
		return -EFAULT;
	if ((s64)position < 0)
		return -EINVAL;
	result = send(out, in->inode, &position, n < FILE_MAX_COUNT ? n : FILE_MAX_COUNT);
	if (result < 0)
		return result;
	if (offset && put_user_64(position, offset))
		return -EFAULT;
	if (!offset)
		in->position = position;
	return result;
}

s64 sys_sendfile(const struct syscall *call)
{
	struct fd_hold out = call_file(call);
	struct fd_hold in = fd_hold(task_current()->files, (int)call->arg[1]);
	s64 result = -EBADF;

	if (out.file && in.file)
		result = send_from(out.file, in.file, USER_POINTER(call, 2), call->arg[3]);
	fd_release(in);
	fd_release(out);
	return result;
}
