/* SPDX-License-Identifier: MIT */
/* Several buffers in one call: readv, writev, preadv, pwritev. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/descriptor.h>
#include <kernel/syscall/files.h>
#include <linux/uio.h>

static void __user *base_of(const struct iovec *part)
{
	return (__force void __user *)part->iov_base;
}

/* Lengths first, then ranges, as Linux does it; the whole is cut to what one call may move. */
static s64 check(struct iovec *parts, size_t count)
{
	u64 total = 0;

	for (size_t i = 0; i < count; i++) {
		if ((s64)parts[i].iov_len < 0)
			return -EINVAL;
	}
	for (size_t i = 0; i < count; i++) {
		if (!user_range_ok(base_of(&parts[i]), parts[i].iov_len))
			return -EFAULT;
		if (parts[i].iov_len > FILE_MAX_COUNT - total)
			parts[i].iov_len = FILE_MAX_COUNT - total;
		total += parts[i].iov_len;
	}
	return (s64)total;
}

static void set_up(struct user_buffer *buffer, const struct iovec *parts, size_t count, u64 total)
{
	user_buffer_init(buffer, count ? base_of(parts) : NULL, count ? parts->iov_len : 0);
	buffer->bytes = total;
	buffer->more = parts + 1;
}

int vector_get(struct vector *vector, const void __user *from, int count)
{
	size_t bytes = (size_t)count * sizeof(struct iovec);
	s64 total;

	vector->parts = (struct iovec *)vector->few;
	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	if (bytes > sizeof(vector->few))
		vector->parts = kmalloc(bytes);
	if (!vector->parts)
		return -ENOMEM;
	total = copy_from_user(vector->parts, from, bytes) ? -EFAULT
							   : check(vector->parts, (size_t)count);
	if (total < 0) {
		vector_put(vector);
		return (int)total;
	}
	set_up(&vector->buffer, vector->parts, (size_t)count, (u64)total);
	return 0;
}

void vector_put(struct vector *vector)
{
	if (vector->parts != (struct iovec *)vector->few)
		kfree(vector->parts);
}

typedef s64 (*transfer_fn)(struct file *file, struct user_buffer *buffer, u64 *position);

static s64 transfer(struct file *file, const struct syscall *call, transfer_fn fn, u64 *position)
{
	struct vector vector;
	s64 result;

	if (position && !(file->mode & FILE_SEEKS))
		return file->mode ? -ESPIPE : -EBADF;
	/* The access mode is judged before the vector is looked at. */
	if (!(file->mode & (fn == file_read_buffer ? FILE_READ : FILE_WRITE)))
		return -EBADF;
	result = vector_get(&vector, USER_POINTER(call, 1), (int)call->arg[2]);
	if (result)
		return result;
	result = fn(file, &vector.buffer, position);
	vector_put(&vector);
	return result;
}

static s64 vector_call(const struct syscall *call, transfer_fn fn, u64 *position)
{
	struct fd_hold hold = call_file(call);
	s64 result = hold.file ? transfer(hold.file, call, fn, position) : -EBADF;

	fd_release(hold);
	return result;
}

s64 sys_readv(const struct syscall *call)
{
	return vector_call(call, file_read_buffer, NULL);
}

s64 sys_writev(const struct syscall *call)
{
	return vector_call(call, file_write_buffer, NULL);
}

s64 sys_preadv(const struct syscall *call)
{
	u64 position = call->arg[3];

	return (s64)position < 0 ? -EINVAL : vector_call(call, file_read_buffer, &position);
}

s64 sys_pwritev(const struct syscall *call)
{
	u64 position = call->arg[3];

	return (s64)position < 0 ? -EINVAL : vector_call(call, file_write_buffer, &position);
}
