/* SPDX-License-Identifier: MIT */
/* A program's first stack: argc, argv, envp and the auxiliary vector (psABI for AMD64, "Process
 * Initialization"). Process context. */
#pragma once

#include <kernel/mm/aspace.h>
#include <kernel/proc/elf.h>

/* Builds it at the top of the stack area. `bias` is where a position-independent program was
 * moved. 0 with *stack_pointer, 16-byte aligned; -E2BIG, -ENOMEM. */
int start_stack_build(struct aspace *aspace, const struct elf_program *program, u64 bias,
		      const char *path, const char *const argv[], const char *const envp[],
		      vaddr_t *stack_pointer);
