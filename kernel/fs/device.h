/* SPDX-License-Identifier: MIT */
/* Character devices by their numbers. */
#pragma once

#include <kernel/fs/file.h>

/* The operations behind a device node, or NULL when there is no such device. */
const struct file_operations *device_operations(u32 major, u32 minor);

/* console.c: the terminal on COM1. */
extern const struct file_operations console_operations;

/* Random bytes for /dev/random and getrandom: the count, short when a signal comes or user memory
 * ends, or -EFAULT. */
s64 random_read(struct user_buffer *to);
