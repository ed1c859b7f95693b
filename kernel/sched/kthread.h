/* SPDX-License-Identifier: MIT */
/* Kernel threads: tasks without a program. */
#pragma once

#include <quench/types.h>

struct task;

/* Starts fn(argument) as a task named `name`; it ends when fn returns. Never enters user mode,
 * takes no signals. A referenced task (task_put), or NULL when memory is out. Process context. */
struct task *kthread_run(const char *name, void (*fn)(void *argument), void *argument);
