/* SPDX-License-Identifier: MIT */
/* Transfers that span pieces, or come from kernel memory. */
#include <kernel/fs/user_buffer.h>
#include <linux/uio.h>
#include <quench/string.h>

/* The next piece that has bytes comes in hand. */
static void next_piece(struct user_buffer *buffer)
{
	while (!buffer->part_bytes && buffer->bytes && buffer->more) {
		buffer->part = (__force u8 __user *)buffer->more->iov_base;
		buffer->part_bytes = buffer->more->iov_len;
		if (buffer->part_bytes > buffer->bytes)
			buffer->part_bytes = buffer->bytes;
		buffer->more++;
	}
}

static void *pass_kernel(struct user_buffer *buffer, size_t n)
{
	u8 *at = buffer->kernel;

	buffer->kernel += n;
	buffer->bytes -= n;
	return at;
}

enum direction { TAKE, GIVE, CLEAR };

/* Bytes of one piece that could be copied. */
static size_t copy(enum direction direction, u8 __user *user, void *kernel, size_t n)
{
	switch (direction) {
	case TAKE:
		return n - copy_from_user(kernel, user, n);
	case GIVE:
		return n - copy_to_user(user, kernel, n);
	default:
		return n - clear_user(user, n);
	}
}

static size_t transfer(struct user_buffer *buffer, enum direction direction, u8 *kernel, size_t n)
{
	size_t total = 0;

	while (total < n) {
		size_t part = n - total, done;

		next_piece(buffer);
		if (part > buffer->part_bytes)
			part = buffer->part_bytes;
		if (!part)
			break;
		done = copy(direction, buffer->part, kernel, part);
		kernel = kernel ? kernel + done : NULL;
		total += user_buffer_advance(buffer, done);
		if (done < part)
			break;
	}
	return total;
}

size_t user_buffer_take_slow(struct user_buffer *buffer, void *to, size_t n)
{
	if (!buffer->kernel)
		return transfer(buffer, TAKE, to, n);
	memcpy(to, pass_kernel(buffer, n), n);
	return n;
}

size_t user_buffer_give_slow(struct user_buffer *buffer, const void *from, size_t n)
{
	if (!buffer->kernel)
		return transfer(buffer, GIVE, (u8 *)from, n);
	memcpy(pass_kernel(buffer, n), from, n);
	return n;
}

size_t user_buffer_clear(struct user_buffer *buffer, size_t n)
{
	if (!buffer->kernel)
		return transfer(buffer, CLEAR, NULL, n);
	memset(pass_kernel(buffer, n), 0, n);
	return n;
}
