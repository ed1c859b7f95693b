/* SPDX-License-Identifier: MIT */
/* readv and writev: several buffers in one call. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/syscall/descriptor.h>
#include <linux/uio.h>

typedef s64 (*transfer_fn)(struct file *file, void __user *buffer, u64 n);

static s64 transfer_read(struct file *file, void __user *buffer, u64 n)
{
	return file_read(file, buffer, n, NULL);
}

static s64 transfer_write(struct file *file, void __user *buffer, u64 n)
{
	return file_write(file, buffer, n, NULL);
}

static void __user *base_of(const struct iovec *part)
{
	return (__force void __user *)part->iov_base;
}

/* Lengths first, then ranges, as Linux does it; the whole is cut to what one call may move. */
static int check(struct iovec *parts, size_t count)
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
	return 0;
}

/* Part by part until one is short: what went before counts, an error only when nothing did. */
static s64 transfer_all(struct file *file, const struct iovec *parts, size_t count,
			transfer_fn transfer)
{
	s64 total = 0;

	for (size_t i = 0; i < count; i++) {
		s64 done;

		if (!parts[i].iov_len)
			continue;
		done = transfer(file, base_of(&parts[i]), parts[i].iov_len);
		if (done < 0)
			return total ? total : done;
		total += done;
		if ((u64)done < parts[i].iov_len)
			break;
	}
	return total;
}

static s64 vector(const struct syscall *call, transfer_fn transfer)
{
	struct file *file = descriptor_file(call);
	int count = (int)call->arg[2];
	/* Few parts need no memory: a program can still say that memory is out. */
	struct iovec few[UIO_FASTIOV], *parts = few;
	size_t bytes;
	s64 result;

	if (!file)
		return -EBADF;
	if (count < 0 || count > UIO_MAXIOV)
		return -EINVAL;
	bytes = (size_t)count * sizeof(*parts);
	if (bytes > sizeof(few))
		parts = kmalloc(bytes);
	if (!parts)
		return -ENOMEM;
	result = copy_from_user(parts, USER_POINTER(call, 1), bytes) ? -EFAULT : 0;
	if (!result)
		result = check(parts, (size_t)count);
	/* The access mode is judged even when there is nothing to move. */
	if (!result)
		result = transfer(file, NULL, 0);
	if (!result)
		result = transfer_all(file, parts, (size_t)count, transfer);
	if (parts != few)
		kfree(parts);
	return result;
}

s64 sys_readv(const struct syscall *call)
{
	return vector(call, transfer_read);
}

s64 sys_writev(const struct syscall *call)
{
	return vector(call, transfer_write);
}
