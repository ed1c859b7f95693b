/* SPDX-License-Identifier: MIT */
/* Sets of signals, and what each does by default. signal(7). PURE. */
#pragma once

#include <asm/signal.h>
#include <quench/types.h>

#define SIGNAL_BIT(signal) (UINT64_C(1) << ((signal)-1))

/* Neither caught, blocked nor ignored. */
#define SIGNALS_UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))
#define SIGNALS_STOP \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
#define SIGNALS_IGNORED \
	(SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGURG))
/* Of several pending ones these go first: they are about the very instruction. */
#define SIGNALS_SYNCHRONOUS                                                                    \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGTRAP) | \
	 SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS))
/* Standard ones pend once each; from here on every single one is queued. */
#define SIGNAL_FIRST_QUEUED 32

enum signal_default { SIGNAL_ENDS, SIGNAL_IGNORES, SIGNAL_STOPS };

static inline enum signal_default signal_default(int signal)
{
	u64 bit = SIGNAL_BIT(signal);

	if (bit & SIGNALS_IGNORED)
		return SIGNAL_IGNORES;
	return bit & SIGNALS_STOP ? SIGNAL_STOPS : SIGNAL_ENDS;
}

/* The one of a set that is taken first; 0: the set is empty. */
static inline int signal_first(u64 set)
{
	u64 first = set & SIGNALS_SYNCHRONOUS ? set & SIGNALS_SYNCHRONOUS : set;

	return first ? __builtin_ctzll(first) + 1 : 0;
}
