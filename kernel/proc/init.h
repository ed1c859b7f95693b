/* SPDX-License-Identifier: MIT */
/* The first program: private to kernel/proc. */
#pragma once

#include <kernel/proc/process.h>

/* Adopts orphans; NULL while no program runs. Tree locked. */
extern struct process *process_init;
/* The kernel's main task waits here for processes without a parent. */
extern struct wait_queue process_init_ended;
