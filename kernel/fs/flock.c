/* SPDX-License-Identifier: MIT */
/* flock(2): how many open files hold an inode's lock stands in the inode, what each holds in it. */
#include <asm/errno.h>
#include <kernel/fs/flock.h>
#include <linux/fcntl.h>

static struct arch_spinlock lock; /* protects inode->flocks and file->flock of all */
/* Locks are rare and short: one queue is enough for all files. */
static struct wait_queue waits = WAIT_QUEUE_INIT(waits);

/* What it holds it has no more; whether that was something. Locked. */
static bool give_up(struct file *file)
{
	if (file->flock == LOCK_UN)
		return false;
	file->inode->flocks -= file->flock == LOCK_EX ? INODE_FLOCK_EXCLUSIVE : 1;
	file->flock = LOCK_UN;
	return true;
}

/* Without what the file itself holds, which is given up. */
static bool take(struct file *file, unsigned kind)
{
	u32 others;
	bool taken, given;

	arch_spin_lock(&lock);
	given = file->flock != kind && give_up(file);
	others = file->inode->flocks;
	taken = file->flock == kind || (kind == LOCK_EX ? !others : others < INODE_FLOCK_EXCLUSIVE);
	if (taken && file->flock != kind) {
		file->inode->flocks += kind == LOCK_EX ? INODE_FLOCK_EXCLUSIVE : 1;
		file->flock = (u8)kind;
	}
	arch_spin_unlock(&lock);
	if (given)
		wait_wake(&waits, WAIT_ALL, 0);
	return taken;
}

void flock_drop(struct file *file)
{
	bool given;

	arch_spin_lock(&lock);
	given = give_up(file);
	arch_spin_unlock(&lock);
	if (given)
		wait_wake(&waits, WAIT_ALL, 0);
}

s64 flock_apply(struct file *file, unsigned operation)
{
	unsigned kind = operation & ~(unsigned)LOCK_NB;

	if (kind != LOCK_SH && kind != LOCK_EX && kind != LOCK_UN)
		return -EINVAL;
	if (kind == LOCK_UN) {
		flock_drop(file);
		return 0;
	}
	if (operation & LOCK_NB)
		return take(file, kind) ? 0 : -EWOULDBLOCK;
	return wait_event_interruptible(&waits, take(file, kind));
}
