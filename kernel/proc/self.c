/* SPDX-License-Identifier: MIT */
/* /proc/self/exe: the program that asks, as a link; all there is of /proc. */
#include <kernel/fs/mode.h>
#include <kernel/fs/path.h>
#include <kernel/mm/aspace.h>
#include <kernel/proc/process.h>

/* Another program of the same memory would first end the asking task. */
static const struct inode *own_program(void)
{
	const struct task *self = task_current();

	return self->aspace ? self->aspace->name : NULL;
}

void process_init_self(void)
{
	/* What the initramfs has there already stays. */
	(void)fs_make(fs_root(), "/proc", S_IFDIR | 0555, 0, 0, NULL);
	(void)fs_make(fs_root(), "/proc/self", S_IFDIR | 0555, 0, 0, NULL);
	(void)fs_live_link("/proc/self/exe", own_program);
}
