/* SPDX-License-Identifier: MIT */
/* Ends of the kernel that are not its programs' doing. */
#pragma once

#include <arch/trap_frame.h>
#include <quench/compiler.h>

/* panic() about the instruction a trap frame shows: its rip is the one that is named. */
__noreturn void panic_at(const struct trap_frame *frame, const char *format, ...)
	__printf_like(2, 3);

/* For input the kernel cannot start with (command line, initramfs, program): one line that names
 * cause and remedy, a `fail` record, verdict "fail". No registers: the kernel is well. */
__noreturn void refuse(const char *format, ...) __printf_like(1, 2);
