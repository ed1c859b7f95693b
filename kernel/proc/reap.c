/* SPDX-License-Identifier: MIT */
/* Waiting for children. */
#include <asm/errno.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <kernel/proc/create.h>
#include <kernel/proc/reap.h>
#include <linux/wait.h>

static bool is_meant(const struct reap_request *request, const struct process *child)
{
	bool clone = child->exit_signal != SIGCHLD;

	if (!(request->options & __WALL) && clone != !!(request->options & __WCLONE))
		return false;
	if (request->kind == REAP_PID)
		return child->pid == request->id;
	return request->kind == REAP_ANY || child->pgid == request->id;
}

static void tell_end(const struct process *child, struct reap_result *result)
{
	int status = child->wait_status;

	result->wait_status = status;
	if (status & 0x7f) {
		result->code = status & 0x80 ? CLD_DUMPED : CLD_KILLED;
		result->status = status & 0x7f;
	} else {
		result->code = CLD_EXITED;
		result->status = status >> 8 & 0xff;
	}
}

/* Whether there is something to tell of this child; takes it up, but for WNOWAIT. Tree locked. */
static bool tell(const struct reap_request *request, struct process *child,
		 struct reap_result *result)
{
	u32 event = 0;

	if (child->zombie && request->options & WEXITED) {
		tell_end(child, result);
	} else if (child->events & PROCESS_STOPPED && request->options & WSTOPPED) {
		event = PROCESS_STOPPED;
		result->code = CLD_STOPPED;
		result->status = child->stop_signal;
		result->wait_status = child->stop_signal << 8 | 0x7f;
	} else if (child->events & PROCESS_CONTINUED && request->options & WCONTINUED) {
		event = PROCESS_CONTINUED;
		result->code = CLD_CONTINUED;
		result->status = SIGCONT;
		result->wait_status = 0xffff;
	} else {
		return false;
	}
	result->pid = child->pid;
	result->ran = child->ran + child->children_ran;
	if (!(request->options & WNOWAIT))
		child->events &= ~event;
	return true;
}

/* The first child with news; the process to be put when it is gone for good. Tree locked. */
static struct process *look(const struct reap_request *request, struct process *parent,
			    struct reap_result *result, bool *some)
{
	struct process *child;

	*some = false;
	list_for_each(child, &parent->children, sibling)
	{
		if (!is_meant(request, child))
			continue;
		*some = true;
		if (!tell(request, child, result))
			continue;
		if (!child->zombie || request->options & WNOWAIT)
			return NULL;
		parent->children_ran += result->ran;
		process_unlink(child);
		return child;
	}
	return NULL;
}

/* Whether the wait is over: 0 with a result, an error; -EAGAIN: sleep. */
static int try(const struct reap_request *request, struct reap_result *result)
{
	struct process *parent = task_current()->process, *gone;
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	bool some;

	gone = look(request, parent, result, &some);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	if (gone)
		process_put(gone);
	if (result->pid)
		return 0;
	if (!some)
		return -ECHILD;
	return request->options & WNOHANG ? 0 : -EAGAIN;
}

int reap(const struct reap_request *request, struct reap_result *result)
{
	struct wait_queue *queue = &task_current()->process->waits;
	struct waiter waiter = { 0 };
	int error;

	*result = (struct reap_result){ 0 };
	error = try(request, result);
	if (error != -EAGAIN)
		return error;
	for (;;) {
		wait_prepare(queue, &waiter, TASK_INTERRUPTIBLE);
		error = try(request, result);
		if (error != -EAGAIN)
			break;
		error = wait_interrupted(TASK_INTERRUPTIBLE);
		if (error)
			break;
		sched_sleep();
	}
	wait_finish(queue, &waiter);
	return error;
}
