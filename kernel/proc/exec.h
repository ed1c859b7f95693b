/* SPDX-License-Identifier: MIT */
/* Loading a program: from a path to an address space with its first stack. Process context. */
#pragma once

#include <kernel/fs/inode.h>
#include <kernel/mm/aspace.h>
#include <quench/types.h>

/* Most bytes of arguments and environment together, strings and pointers (Linux: a quarter of
 * the stack limit). */
#define EXEC_MAX_ARGUMENT_BYTES MIB(2)

struct exec_image {
	struct aspace *aspace;
	vaddr_t entry, stack_pointer;
};

/*
 * Builds the address space of the program at `path`. argv and envp, in kernel memory, end with
 * NULL. 0; or with *why in a few words -ENOENT, -ENOTDIR, -ELOOP, -EACCES (no regular file, or no
 * execute permission), -ENOEXEC, -ELIBBAD, -E2BIG, -ENOMEM; then *image is nothing to free.
 */
int exec_load(const struct inode *directory, const char *path, const char *const argv[],
	      const char *const envp[], struct exec_image *image, const char **why);
