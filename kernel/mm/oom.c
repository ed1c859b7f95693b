/* SPDX-License-Identifier: MIT */
/* When memory is out: who has to end, and waiting until it has. */
#include <arch/cpu.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <kernel/mm/aspace.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/mm/oom.h>
#include <kernel/mm/page.h>
#include <kernel/proc/process.h>
#include <kernel/signal/signal.h>
#include <quench/log.h>

#define PAUSE_NS    UINT64_C(1000000)
#define PATIENCE    2000 /* pauses until the next one has to go */
#define ENOUGH_FREE 64   /* pages: then there is nobody to be killed for it */

/* The last one chosen: as long as it is there others wait for its pages. Under the tree's lock. */
static int victim_pid;

/* Whether it may be chosen: init is spared while there is anybody else. */
static bool may_end(const struct process *process)
{
	return process->aspace && !process->zombie && process->pid != 1;
}

/* The process with most pages. Tree locked. */
static struct process *largest(void)
{
	struct process *process, *best = NULL;

	list_for_each(process, &process_all, all)
	{
		if (may_end(process) &&
		    (!best || READ_ONCE(process->aspace->resident) > best->aspace->resident))
			best = process;
	}
	return best;
}

/* Whether the one chosen last still holds its memory. Tree locked. */
static bool victim_is_there(void)
{
	struct process *process;

	list_for_each(process, &process_all, all)
	{
		if (process->pid == victim_pid && may_end(process))
			return true;
	}
	return false;
}

/* Chooses, unless somebody is about to end already; false: it is the running program's turn. */
static bool choose(bool again)
{
	const struct signal_info info = { .signo = SIGKILL, .code = SI_KERNEL };
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool fresh = again || !victim_is_there();
	struct process *victim = fresh ? largest() : NULL;
	int pid;

	if (fresh)
		victim_pid = victim ? victim->pid : 0;
	if (victim)
		signal_send_process_locked(victim, &info);
	pid = victim_pid;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	if (victim)
		log_line("memory is out: process %d, which has most of it, is killed", pid);
	return pid && pid != task_current()->process->pid;
}

/* Sleeps for a moment; false when a signal that kills has come meanwhile. */
static bool pause(void)
{
	sched_prepare(TASK_KILLABLE);
	sched_sleep_until(arch_clock_ns() + PAUSE_NS);
	sched_running();
	return !wait_interrupted(TASK_KILLABLE);
}

bool oom_relieve(void)
{
	struct task *self = task_current();

	kmalloc_drain();
	if (!self || !self->process || !choose(false))
		return false;
	for (unsigned i = 0; page_free_count() < ENOUGH_FREE; i++) {
		if (!pause())
			return false;
		if (i % PATIENCE == PATIENCE - 1 && !choose(true))
			return false;
	}
	return true;
}
