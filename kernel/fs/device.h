/* SPDX-License-Identifier: MIT */
/* Character devices by their numbers. */
#pragma once

#include <kernel/fs/file.h>

/* The operations behind a device node, or NULL when there is no such device. */
const struct file_operations *device_operations(u32 major, u32 minor);

/* console.c: the terminal on COM1, line by line with echo. */
extern const struct file_operations console_operations;
