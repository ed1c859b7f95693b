/* SPDX-License-Identifier: MIT */
/* mmap and its family: what concerns descriptors, flags and answers; the rest is kernel/mm's. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/mode.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/syscall.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

static struct aspace *own(void)
{
	return task_current()->aspace;
}

static bool writes(const struct file *file)
{
	return (file->flags & O_ACCMODE) == O_RDWR;
}

/* Whether this file may be mapped so; *inode is NULL where zero pages serve (/dev/zero). */
static int may_map(const struct file *file, unsigned prot, unsigned type, struct inode **inode)
{
	if ((file->flags & O_ACCMODE) == O_WRONLY)
		return -EACCES;
	if (type != MAP_PRIVATE && prot & PROT_WRITE && !writes(file))
		return -EACCES;
	if (!file->inode)
		return -ENODEV;
	*inode = S_ISREG(file->inode->mode) ? file->inode : NULL;
	if (!*inode && (!S_ISCHR(file->inode->mode) || file->inode->rdev_major != 1 ||
			file->inode->rdev_minor != 5))
		return -ENODEV;
	return 0;
}

static s64 map_file(const struct syscall *call, const struct file *file, unsigned prot,
		    unsigned flags)
{
	struct inode *inode = NULL;
	int error = may_map(file, prot, flags & MAP_TYPE, &inode);

	if (error)
		return error;
	return aspace_mmap(own(), call->arg[0], call->arg[1], prot, flags, inode, call->arg[5],
			   writes(file));
}

s64 sys_mmap(const struct syscall *call)
{
	unsigned prot = (unsigned)call->arg[2], flags = (unsigned)call->arg[3];
	unsigned type = flags & MAP_TYPE;
	bool anonymous = flags & MAP_ANONYMOUS;
	struct fd_hold hold;
	s64 result;

	if (call->arg[5] & PAGE_MASK)
		return -EINVAL;
	hold = fd_hold(task_current()->files, anonymous ? -1 : (int)call->arg[4]);
	if (!anonymous && (!hold.file || hold.file->flags & O_PATH))
		return -EBADF;
	if (!call->arg[1] || flags & MAP_HUGETLB ||
	    (type != MAP_SHARED && type != MAP_PRIVATE &&
	     (anonymous || type != MAP_SHARED_VALIDATE)))
		result = -EINVAL;
	else if (anonymous)
		result = aspace_mmap(own(), call->arg[0], call->arg[1], prot, flags, NULL, 0, true);
	else
		result = map_file(call, hold.file, prot, flags);
	fd_release(hold);
	return result;
}

s64 sys_munmap(const struct syscall *call)
{
	return aspace_munmap(own(), call->arg[0], call->arg[1]);
}

s64 sys_mprotect(const struct syscall *call)
{
	return aspace_mprotect(own(), call->arg[0], call->arg[1], (unsigned)call->arg[2]);
}

s64 sys_brk(const struct syscall *call)
{
	return (s64)aspace_brk(own(), call->arg[0]);
}

s64 sys_mremap(const struct syscall *call)
{
	return aspace_mremap(own(), call->arg[0], call->arg[1], call->arg[2],
			     (unsigned)call->arg[3], call->arg[4]);
}

s64 sys_madvise(const struct syscall *call)
{
	return aspace_madvise(own(), call->arg[0], call->arg[1], (int)call->arg[2]);
}

/* The whole pages that [address, address+bytes) touches; false when there is no such range. */
static bool whole_pages(u64 address, u64 bytes, vaddr_t *start, vaddr_t *end)
{
	*start = ALIGN_DOWN(address, PAGE_BYTES);
	*end = ALIGN_UP(address + bytes, PAGE_BYTES);
	return *end >= *start && address + bytes >= address;
}

s64 sys_mincore(const struct syscall *call)
{
	u8 __user *answer = USER_POINTER(call, 2);
	vaddr_t at = call->arg[0], end;
	u8 present[128];

	if (at & PAGE_MASK)
		return -EINVAL;
	if (!whole_pages(at, call->arg[1], &at, &end) || end > ARCH_USER_LIMIT)
		return -ENOMEM;
	if (!user_range_ok(answer, (end - at) >> PAGE_SHIFT))
		return -EFAULT;
	while (at < end) {
		size_t n = (end - at) >> PAGE_SHIFT;

		if (n > sizeof(present))
			n = sizeof(present);
		if (aspace_present(own(), at, n, present))
			return -ENOMEM;
		if (copy_to_user(answer, present, n))
			return -EFAULT;
		answer += n;
		at += n << PAGE_SHIFT;
	}
	return 0;
}

s64 sys_msync(const struct syscall *call)
{
	const unsigned known = MS_ASYNC | MS_INVALIDATE | MS_SYNC;
	unsigned flags = (unsigned)call->arg[2];
	vaddr_t start, end;

	if (flags & ~known || call->arg[0] & PAGE_MASK || (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (!whole_pages(call->arg[0], call->arg[1], &start, &end))
		return -ENOMEM;
	return start == end ? 0 : aspace_covers(own(), start, end);
}

/* Nothing is ever swapped out: to lock memory is to see that it is there. */
static s64 lock_pages(u64 address, u64 bytes, bool populate)
{
	vaddr_t start, end;
	int error;

	if (!whole_pages(address, bytes, &start, &end))
		return -EINVAL;
	if (start == end)
		return 0;
	if (end > ARCH_USER_LIMIT || aspace_covers(own(), start, end))
		return -ENOMEM;
	if (!populate)
		return 0;
	error = aspace_madvise(own(), start, end - start, MADV_POPULATE_READ);
	return error ? -ENOMEM : 0;
}

s64 sys_mlock(const struct syscall *call)
{
	return lock_pages(call->arg[0], call->arg[1], true);
}

s64 sys_mlock2(const struct syscall *call)
{
	if (call->arg[2] & ~(u64)MLOCK_ONFAULT)
		return -EINVAL;
	return lock_pages(call->arg[0], call->arg[1], !call->arg[2]);
}

s64 sys_munlock(const struct syscall *call)
{
	return lock_pages(call->arg[0], call->arg[1], false);
}

s64 sys_mlockall(const struct syscall *call)
{
	int flags = (int)call->arg[0];

	return !flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT
		       ? -EINVAL
		       : 0;
}

s64 sys_munlockall(const struct syscall *call)
{
	return 0;
}
