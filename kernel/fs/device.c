/* SPDX-License-Identifier: MIT */
/* The memory devices: /dev/null, /dev/zero, /dev/full. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/device.h>

static s64 read_nothing(struct file *file, void __user *buffer, size_t n, u64 *position)
{
	return 0;
}

static s64 read_zeros(struct file *file, void __user *buffer, size_t n, u64 *position)
{
	size_t done = n - clear_user(buffer, n);

	return done || !n ? (s64)done : -EFAULT;
}

/* As on Linux the bytes are not even looked at. */
static s64 write_away(struct file *file, const void __user *buffer, size_t n, u64 *position)
{
	return (s64)n;
}

static s64 write_full(struct file *file, const void __user *buffer, size_t n, u64 *position)
{
	return -ENOSPC;
}

static s64 seek_nowhere(struct file *file, s64 offset, int whence)
{
	file->position = 0;
	return 0;
}

static const struct file_operations null_operations = {
	.read = read_nothing,
	.write = write_away,
	.seek = seek_nowhere,
};
static const struct file_operations zero_operations = {
	.read = read_zeros,
	.write = write_away,
	.seek = seek_nowhere,
};
static const struct file_operations full_operations = {
	.read = read_zeros,
	.write = write_full,
	.seek = seek_nowhere,
};

static const struct {
	u32 major, minor;
	const struct file_operations *operations;
} devices[] = {
	{ 1, 3, &null_operations },    { 1, 5, &zero_operations },    { 1, 7, &full_operations },
	{ 5, 0, &console_operations }, { 5, 1, &console_operations },
};

const struct file_operations *device_operations(u32 major, u32 minor)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].major == major && devices[i].minor == minor)
			return devices[i].operations;
	}
	return NULL;
}
