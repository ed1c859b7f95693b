/* SPDX-License-Identifier: MIT */
/*
 * What tasks and processes hold for signals; part of struct task and struct process. All zero is
 * a right start: nothing pending, nothing blocked, default actions, no alternate stack.
 */
#pragma once

#include <arch/signal_frame.h>
#include <arch/spinlock.h>
#include <kernel/sched/timer.h>
#include <quench/types.h>

#define SIGNAL_MAX 64 /* numbers are 1 to this; bit n-1 of a set is signal n */

/* What a handler is told: the bytes of Linux's siginfo_t that have a meaning. */
struct signal_info {
	s32 signo, error, code, reserved;
	union {
		struct {
			s32 pid;
			u32 uid;
			union {
				u64 value; /* sigqueue */
				struct {
					s32 status; /* SIGCHLD */
					u32 padding;
				};
			};
			s64 user_ticks, system_ticks; /* SIGCHLD; 1/100 s */
		};
		u64 address; /* of a fault */
		u64 words[4];
	};
};

/* A pending signal's info. */
struct signal_entry {
	struct signal_entry *next;
	bool *taken; /* a spare one: its flag; NULL: from kmalloc */
	struct signal_info info;
};

/* Pending signals: which, and what is known about them, the oldest first. A signal in the set
 * without an entry came when memory was out. */
struct signal_pending {
	u64 set;
	struct signal_entry *first, *last; /* `last`: good while `first` is not NULL */
};

/* One that needs no memory: enough for signals taken as they come. */
struct signal_spare {
	bool taken;
	struct signal_entry entry;
};

/* As rt_sigaction(2) passes it. */
struct signal_action {
	u64 handler; /* 0: default, 1: ignore */
	u64 flags;   /* SA_* */
	u64 restorer;
	u64 mask;
};

/* In every task. `lock`: the one of its process' struct signal_process; `self` as in task.h. */
struct signal_task {
	u64 blocked;                   /* self writes: with the lock among other threads */
	u64 waiting;                   /* lock; what sigtimedwait waits for */
	struct signal_pending pending; /* lock; for this task alone */
	struct signal_spare spare;     /* lock */

	u64 saved;       /* self; the mask to return to, with `restore` */
	bool restore;    /* self; sigsuspend, ppoll and pselect have changed it for a while */
	bool passing;    /* self; a wait ended for a signal: the bit stays until signal_deliver */
	bool has_forced; /* self; `forced` is to be taken before anything else */
	bool has_own;    /* self; `own` is next, unless it has come to be blocked */
	bool stopped;    /* tree and lock; it sleeps in a stop */
	bool ended;      /* tree and lock; takes none any more */
	struct signal_info forced; /* self; of an exception */
	struct signal_info own;    /* self; sent to itself, by the call that is about to return */

	struct arch_signal
		frame; /* self; its stack: sigaltstack(2), its trap: the last exception */
};

/* alarm(2), setitimer(2). */
struct signal_timer {
	struct timer timer;
	u64 interval;   /* ns; 0: once; lock */
	bool is_set_up; /* lock; `timer` is initialised */
};

struct signal_process {
	struct arch_spinlock lock; /* after process_tree_lock; interrupts off */
	struct signal_pending pending;
	struct signal_spare spare;
	struct signal_action actions[SIGNAL_MAX]; /* lock */
	u32 queued;      /* lock; entries from kmalloc, against RLIMIT_SIGPENDING */
	int stop_wanted; /* lock; a task has taken this one and is about to stop them all */
	int stop;        /* tree and lock; the signal that stops it; 0: it runs */
	bool stop_told;  /* tree; the parent knows */
	struct signal_timer real; /* ITIMER_REAL */
};
