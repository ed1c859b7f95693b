/* SPDX-License-Identifier: MIT */
/* Sets of pending signals with their infos in order. PURE. */
#include <kernel/signal/queue.h>
#include <kernel/signal/set.h>

void signal_pending_add(struct signal_pending *pending, struct signal_entry *entry)
{
	pending->set |= SIGNAL_BIT(entry->info.signo);
	entry->next = NULL;
	if (pending->first)
		pending->last->next = entry;
	else
		pending->first = entry;
	pending->last = entry;
}

/* Takes the entry behind `before` (NULL: the first) out. */
static struct signal_entry *unlink(struct signal_pending *pending, struct signal_entry *before,
				   struct signal_entry *entry)
{
	if (before)
		before->next = entry->next;
	else
		pending->first = entry->next;
	if (pending->last == entry)
		pending->last = before;
	return entry;
}

static bool has_entry(const struct signal_entry *from, int signal)
{
	while (from && from->info.signo != signal)
		from = from->next;
	return from;
}

struct signal_entry *signal_pending_take(struct signal_pending *pending, int signal)
{
	struct signal_entry *entry = pending->first, *before = NULL;

	while (entry && entry->info.signo != signal) {
		before = entry;
		entry = entry->next;
	}
	if (!entry || !has_entry(entry->next, signal))
		pending->set &= ~SIGNAL_BIT(signal);
	return entry ? unlink(pending, before, entry) : NULL;
}

struct signal_entry *signal_pending_drop(struct signal_pending *pending, u64 set)
{
	struct signal_entry *entry = pending->first, *before = NULL, *next, *dropped = NULL;

	pending->set &= ~set;
	for (; entry; entry = next) {
		next = entry->next;
		if (!(set & SIGNAL_BIT(entry->info.signo))) {
			before = entry;
			continue;
		}
		unlink(pending, before, entry);
		entry->next = dropped;
		dropped = entry;
	}
	return dropped;
}
