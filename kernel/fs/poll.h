/* SPDX-License-Identifier: MIT */
/* Waiting for one of several files to become ready: poll, ppoll, select, pselect6. */
#pragma once

#include <kernel/sched/wait.h>
#include <quench/types.h>

struct file;
struct poll_table;

/* For a poll operation: the caller wants to hear of what happens at `queue`. table NULL: no. */
void poll_wait(struct poll_table *table, struct wait_queue *queue);

/* What is ready at a file now. */
unsigned file_poll(struct file *file, struct poll_table *table);
