/* SPDX-License-Identifier: MIT */
/* The memory devices: /dev/null, zero, full, random and urandom. */
#include <asm/errno.h>
#include <kernel/fs/device.h>
#include <kernel/fs/random.h>
#include <kernel/sched/wait.h>

static s64 read_nothing(struct file *file, struct user_buffer *to, u64 *position)
{
	return 0;
}

static s64 read_zeros(struct file *file, struct user_buffer *to, u64 *position)
{
	size_t n = to->bytes, done = user_buffer_clear(to, n);

	return done || !n ? (s64)done : -EFAULT;
}

/* As on Linux the bytes are not even looked at. */
static s64 write_away(struct file *file, struct user_buffer *from, u64 *position)
{
	return (s64)from->bytes;
}

static s64 write_full(struct file *file, struct user_buffer *from, u64 *position)
{
	return -ENOSPC;
}

static s64 seek_nowhere(struct file *file, s64 offset, int whence)
{
	file->position = 0;
	return 0;
}

#define RANDOM_CHUNK 256

s64 random_read(struct user_buffer *to)
{
	u8 chunk[RANDOM_CHUNK];
	s64 total = 0;

	while (to->bytes) {
		size_t n = to->bytes < sizeof(chunk) ? to->bytes : sizeof(chunk), done;

		random_bytes(chunk, n);
		done = user_buffer_give(to, chunk, n);
		total += (s64)done;
		if (done < n)
			return total ? total : -EFAULT;
		/* A long request can be cut short, as Linux does it from a page on. */
		if (total >= (s64)PAGE_BYTES && wait_interrupted(TASK_INTERRUPTIBLE))
			break;
	}
	return total;
}

static s64 read_random(struct file *file, struct user_buffer *to, u64 *position)
{
	return random_read(to);
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
static const struct file_operations random_operations = {
	.read = read_random,
	.write = write_away,
	.seek = seek_nowhere,
};

static const struct {
	u32 major, minor;
	const struct file_operations *operations;
} devices[] = {
	{ 1, 3, &null_operations },    { 1, 5, &zero_operations },   { 1, 7, &full_operations },
	{ 1, 8, &random_operations },  { 1, 9, &random_operations }, { 5, 0, &console_operations },
	{ 5, 1, &console_operations },
};

const struct file_operations *device_operations(u32 major, u32 minor)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (devices[i].major == major && devices[i].minor == minor)
			return devices[i].operations;
	}
	return NULL;
}
