/* SPDX-License-Identifier: MIT */
/*
 * Waiting for one of several files to become ready: poll, ppoll, select, pselect6. A file's poll
 * operation tells what is ready and, where asked to, whom to listen to.
 */
#pragma once

#include <kernel/sched/wait.h>
#include <quench/types.h>

struct file;
struct poll_table;

/* For a poll operation: the caller wants to hear of what happens at `queue`, or to look again after
 * so many nanoseconds, for what nobody tells of. table NULL: it does not. */
void poll_wait(struct poll_table *table, struct wait_queue *queue);
void poll_again_after(struct poll_table *table, u64 ns);

/* What is ready at a file now, POLL* bits. */
unsigned file_poll(struct file *file, struct poll_table *table);

/* The listener: one call of poll or select. Process context. */
struct poll_waiter;
struct poll_table {
	struct task *task;
	bool triggered;           /* something has happened since the last look; atomic */
	bool out_of_memory;       /* somebody could not be listened to */
	u64 again_after;          /* SCHED_FOREVER: only when told */
	struct poll_waiter *list; /* where it listens */
};

void poll_table_init(struct poll_table *table);
/* Listens to nobody any more. */
void poll_table_done(struct poll_table *table);
/* Sleeps until something has happened, or `deadline` (arch_clock_ns; SCHED_FOREVER: none) has
 * passed: 1 look again, 0 the time has passed, -ERESTARTNOHAND a signal has come. */
int poll_table_sleep(struct poll_table *table, u64 deadline);
