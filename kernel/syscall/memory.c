/* SPDX-License-Identifier: MIT */
/* mmap, munmap, mprotect, brk: what concerns descriptors and flags; the rest is kernel/mm's. */
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/syscall.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

/* Whether this file may be mapped so; *inode is NULL where zero pages serve (/dev/zero). */
static int may_map(const struct file *file, unsigned prot, unsigned type,
		   const struct inode **inode)
{
	if ((file->flags & O_ACCMODE) == O_WRONLY)
		return -EACCES;
	if (type != MAP_PRIVATE && prot & PROT_WRITE && (file->flags & O_ACCMODE) != O_RDWR)
		return -EACCES;
	*inode = S_ISREG(file->inode->mode) ? file->inode : NULL;
	if (!*inode && (!S_ISCHR(file->inode->mode) || file->inode->rdev_major != 1 ||
			file->inode->rdev_minor != 5))
		return -ENODEV;
	return 0;
}

s64 sys_mmap(const struct syscall *call)
{
	unsigned prot = (unsigned)call->arg[2], flags = (unsigned)call->arg[3];
	unsigned type = flags & MAP_TYPE;
	bool anonymous = flags & MAP_ANONYMOUS;
	const struct inode *inode = NULL;
	struct file *file = NULL;
	int error = 0;

	if (call->arg[5] & PAGE_MASK)
		return -EINVAL;
	if (!anonymous)
		file = fd_file(task_current()->files, (int)call->arg[4]);
	if (!anonymous && (!file || file->flags & O_PATH))
		return -EBADF;
	if (!call->arg[1] || flags & MAP_HUGETLB ||
	    (type != MAP_SHARED && type != MAP_PRIVATE &&
	     (anonymous || type != MAP_SHARED_VALIDATE)))
		return -EINVAL;
	if (file)
		error = may_map(file, prot, type, &inode);
	if (error)
		return error;
	return aspace_mmap(task_current()->aspace, call->arg[0], call->arg[1], prot, flags, inode,
			   call->arg[5]);
}

s64 sys_munmap(const struct syscall *call)
{
	return aspace_munmap(task_current()->aspace, call->arg[0], call->arg[1]);
}

s64 sys_mprotect(const struct syscall *call)
{
	return aspace_mprotect(task_current()->aspace, call->arg[0], call->arg[1],
			       (unsigned)call->arg[2]);
}

s64 sys_brk(const struct syscall *call)
{
	return (s64)aspace_brk(task_current()->aspace, call->arg[0]);
}
