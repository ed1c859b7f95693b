/* SPDX-License-Identifier: MIT */
/* The argument vectors of execve(2), taken from the program. Process context. */
#pragma once

#include <quench/types.h>

struct strings {
	const char **vector; /* ends with NULL */
	size_t nr;
	char *text; /* what they point into */
};

/* 0; -EFAULT; -E2BIG: a string of 128 KiB or more, or all together above EXEC_MAX_ARGUMENT_BYTES;
 * -ENOMEM. NULL stands for an empty vector. strings_free also after an error. */
int strings_get(struct strings *strings, u64 user_vector);
void strings_free(struct strings *strings);
