/* SPDX-License-Identifier: MIT */
/* Numbers of tasks, processes, groups and sessions: one table for all four. */
#include <asm/errno.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/create.h>

#define PID_LIMIT 32768 /* as Linux's default pid_max; numbers are 1 to PID_LIMIT - 1 */
#define CHUNK     128   /* slots that come into being, and go, together */

struct pid_slot {
	struct task *task;       /* the thread with this number, until it ends */
	struct process *process; /* the process with this number, until it is reaped */
	u32 holders;             /* processes with this group or session */
	bool reserved;           /* between pid_alloc and pid_free */
};

struct pid_chunk {
	u32 used; /* slots that are not free */
	struct pid_slot slots[CHUNK];
};

static struct pid_chunk *chunks[PID_LIMIT / CHUNK]; /* protected by process_tree_lock */
static int last;

/* Tree locked. NULL: no such slot yet. */
static struct pid_slot *slot_of(int pid)
{
	if (pid <= 0 || pid >= PID_LIMIT || !chunks[pid / CHUNK])
		return NULL;
	return &chunks[pid / CHUNK]->slots[pid % CHUNK];
}

/* A chunk that nobody uses goes, unless the next numbers come from it. Tree locked. */
static void drop_unused(int chunk)
{
	if (!chunks[chunk] || chunks[chunk]->used || chunk == last / CHUNK)
		return;
	kfree(chunks[chunk]);
	chunks[chunk] = NULL;
}

static bool is_free(const struct pid_slot *slot)
{
	return !slot->reserved && !slot->holders;
}

/* What a change makes of its slot: `was` free before. Tree locked. */
static void count_use(int pid, bool was)
{
	struct pid_chunk *chunk = chunks[pid / CHUNK];

	chunk->used += (u32)was - (u32)is_free(&chunk->slots[pid % CHUNK]);
	drop_unused(pid / CHUNK);
}

static void advance(void)
{
	int before = last / CHUNK;

	last = last + 1 < PID_LIMIT ? last + 1 : 1;
	if (last / CHUNK != before)
		drop_unused(before);
}

/* The next free one behind the last, round and round; 0 when there is none, -1 when its chunk is
 * missing (`last` is there then). Tree locked. */
static int next_free(void)
{
	for (int tried = 0; tried < PID_LIMIT; tried++) {
		struct pid_slot *slot;

		advance();
		slot = slot_of(last);
		if (!slot)
			return -1;
		if (is_free(slot)) {
			slot->reserved = true;
			chunks[last / CHUNK]->used++;
			return last;
		}
	}
	return 0;
}

static bool add_chunk(void)
{
	struct pid_chunk *chunk = kzalloc(sizeof(*chunk));
	u64 flags;

	if (!chunk)
		return false;
	flags = arch_spin_lock_irqsave(&process_tree_lock);
	if (!chunks[last / CHUNK]) {
		chunks[last / CHUNK] = chunk;
		chunk = NULL;
	}
	last--;
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	kfree(chunk); /* somebody was faster */
	return true;
}

int pid_alloc(void)
{
	int pid;

	do {
		u64 flags = arch_spin_lock_irqsave(&process_tree_lock);

		pid = next_free();
		arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	} while (pid < 0 && add_chunk());
	return pid > 0 ? pid : -EAGAIN;
}

/* The rest: tree locked. */

void pid_free(int pid)
{
	struct pid_slot *slot = slot_of(pid);
	bool was = is_free(slot);

	slot->reserved = false;
	count_use(pid, was);
}

void pid_set_task(int pid, struct task *task)
{
	slot_of(pid)->task = task;
}

void pid_set_process(int pid, struct process *process)
{
	slot_of(pid)->process = process;
}

void pid_hold(int pid)
{
	struct pid_slot *slot = slot_of(pid);
	bool was = is_free(slot);

	slot->holders++;
	count_use(pid, was);
}

void pid_release(int pid)
{
	struct pid_slot *slot = slot_of(pid);
	bool was = is_free(slot);

	slot->holders--;
	count_use(pid, was);
}

void pid_restart(void)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	int before = last / CHUNK;

	last = 0;
	drop_unused(before);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
}

struct process *pid_process(int pid)
{
	struct pid_slot *slot = slot_of(pid);

	return slot ? slot->process : NULL;
}

struct task *pid_task(int pid)
{
	struct pid_slot *slot = slot_of(pid);

	return slot ? slot->task : NULL;
}

struct task *task_find(int pid)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	struct task *task;

	task = pid_task(pid);
	if (task)
		task_get(task);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return task;
}

struct process *process_find(int pid)
{
	u64 flags = arch_spin_lock_irqsave(&process_tree_lock);
	struct process *process;

	process = pid_process(pid);
	if (process)
		process_get(process);
	arch_spin_unlock_irqrestore(&process_tree_lock, flags);
	return process;
}
