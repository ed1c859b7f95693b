/* SPDX-License-Identifier: MIT */
/* Sets of pending signals with their infos in order. PURE; the caller locks. */
#pragma once

#include <kernel/signal/state.h>

/* `entry`, with its info, is pending. */
void signal_pending_add(struct signal_pending *pending, struct signal_entry *entry);
/* The oldest entry of a pending signal comes out; the signal pends on only if there is another.
 * NULL: it has none (memory was out), and no longer pends. */
struct signal_entry *signal_pending_take(struct signal_pending *pending, int signal);
/* All signals of a set go; their entries come out as a chain. */
struct signal_entry *signal_pending_drop(struct signal_pending *pending, u64 set);
