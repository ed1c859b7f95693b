/* SPDX-License-Identifier: MIT */
/*
 * Where a read puts its bytes and a write takes them from: one or several pieces of user memory,
 * or of the kernel's (sendfile). It moves on by what was copied. Process context.
 */
#pragma once

#include <arch/uaccess.h>
#include <quench/compiler.h>
#include <quench/types.h>

struct iovec;

struct user_buffer {
	u8 __user *part; /* the rest of the piece in hand, user memory */
	size_t part_bytes;
	size_t bytes;             /* left in all pieces together */
	const struct iovec *more; /* the next piece: in kernel memory, ranges checked */
	u8 *kernel;               /* not NULL: `bytes` of kernel memory instead; part_bytes is 0 */
};

static inline void user_buffer_init(struct user_buffer *buffer, const void __user *start, size_t n)
{
	buffer->part = (u8 __user *)start;
	buffer->part_bytes = buffer->bytes = n;
	buffer->more = NULL;
	buffer->kernel = NULL;
}
static inline void user_buffer_init_kernel(struct user_buffer *buffer, void *start, size_t n)
{
	buffer->part = NULL;
	buffer->part_bytes = 0;
	buffer->bytes = n;
	buffer->more = NULL;
	buffer->kernel = start;
}

/* For what does not lie within the piece in hand. */
size_t user_buffer_take_slow(struct user_buffer *buffer, void *to, size_t n);
size_t user_buffer_give_slow(struct user_buffer *buffer, const void *from, size_t n);
size_t user_buffer_clear(struct user_buffer *buffer, size_t n);

static inline size_t user_buffer_advance(struct user_buffer *buffer, size_t done)
{
	buffer->part += done;
	buffer->part_bytes -= done;
	buffer->bytes -= done;
	return done;
}

/* Copies the next n <= buffer->bytes bytes to, or from, kernel memory. Returns how many: fewer only
 * when user memory ends there. */
static inline size_t user_buffer_take(struct user_buffer *buffer, void *to, size_t n)
{
	if (unlikely(n > buffer->part_bytes))
		return user_buffer_take_slow(buffer, to, n);
	return user_buffer_advance(buffer, n - copy_from_user(to, buffer->part, n));
}
static inline size_t user_buffer_give(struct user_buffer *buffer, const void *from, size_t n)
{
	if (unlikely(n > buffer->part_bytes))
		return user_buffer_give_slow(buffer, from, n);
	return user_buffer_advance(buffer, n - copy_to_user(buffer->part, from, n));
}
