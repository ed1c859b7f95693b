/* SPDX-License-Identifier: MIT */
/*
 * System calls that need all of the program's registers. Their entry in table.c is
 * sys_want_full_frame; full.c finds the function that does the work. Process context.
 */
#pragma once

#include <arch/trap_frame.h>
#include <quench/types.h>

/* Returns what goes to rax, if not frame->trap.error was set to FULL_KEEP: then the frame is as the
 * call wants it (execve that went well, rt_sigreturn). */
typedef s64 (*syscall_full_fn)(struct full_frame *frame);

s64 full_fork(struct full_frame *frame);
s64 full_vfork(struct full_frame *frame);
s64 full_clone(struct full_frame *frame);
s64 full_execve(struct full_frame *frame);
