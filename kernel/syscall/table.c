/* SPDX-License-Identifier: MIT */
/* Which number is which system call: Linux's numbers for x86-64. */
#include <asm/errno.h>
#include <asm/unistd_64.h>
#include <kernel/syscall/syscall.h>

static const syscall_fn table[] = {
	[__NR_read] = sys_read,
	[__NR_write] = sys_write,
	[__NR_open] = sys_open,
	[__NR_close] = sys_close,
	[__NR_stat] = sys_stat,
	[__NR_fstat] = sys_fstat,
	[__NR_lstat] = sys_lstat,
	[__NR_lseek] = sys_lseek,
	[__NR_mmap] = sys_mmap,
	[__NR_mprotect] = sys_mprotect,
	[__NR_munmap] = sys_munmap,
	[__NR_brk] = sys_brk,
	[__NR_ioctl] = sys_ioctl,
	[__NR_pread64] = sys_pread64,
	[__NR_readv] = sys_readv,
	[__NR_writev] = sys_writev,
	[__NR_getpid] = sys_getpid,
	[__NR_exit] = sys_exit,
	[__NR_uname] = sys_uname,
	[__NR_arch_prctl] = sys_arch_prctl,
	[__NR_gettid] = sys_gettid,
	[__NR_set_tid_address] = sys_set_tid_address,
	[__NR_clock_gettime] = sys_clock_gettime,
	[__NR_exit_group] = sys_exit,
	[__NR_openat] = sys_openat,
	[__NR_newfstatat] = sys_newfstatat,
};

s64 syscall_run(u32 number, const struct syscall *call)
{
	/* All ones for a number in the table, else 0: speculation cannot run past its end. */
	u64 mask = (u64)((s64)((u64)number - ARRAY_SIZE(table)) >> 63);
	syscall_fn fn = table[number & mask];

	if (number >= ARRAY_SIZE(table) || !fn)
		return -ENOSYS;
	return fn(call);
}
