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
	[__NR_exit_group] = sys_exit_group,
	[__NR_openat] = sys_openat,
	[__NR_newfstatat] = sys_newfstatat,
	[__NR_getppid] = sys_getppid,
	[__NR_fork] = sys_want_full_frame,
	[__NR_vfork] = sys_want_full_frame,
	[__NR_clone] = sys_want_full_frame,
	[__NR_execve] = sys_want_full_frame,
	[__NR_wait4] = sys_wait4,
	[__NR_waitid] = sys_waitid,
	[__NR_sched_yield] = sys_sched_yield,
	[__NR_sched_setaffinity] = sys_sched_setaffinity,
	[__NR_sched_getaffinity] = sys_sched_getaffinity,
	[__NR_sched_setscheduler] = sys_sched_setscheduler,
	[__NR_sched_getscheduler] = sys_sched_getscheduler,
	[__NR_sched_setparam] = sys_sched_setparam,
	[__NR_sched_getparam] = sys_sched_getparam,
	[__NR_sched_get_priority_max] = sys_sched_get_priority_max,
	[__NR_sched_get_priority_min] = sys_sched_get_priority_min,
	[__NR_sched_rr_get_interval] = sys_sched_rr_get_interval,
	[__NR_getcpu] = sys_getcpu,
	[__NR_getpriority] = sys_getpriority,
	[__NR_setpriority] = sys_setpriority,
	[__NR_futex] = sys_futex,
	[__NR_set_robust_list] = sys_set_robust_list,
	[__NR_get_robust_list] = sys_get_robust_list,
	[__NR_nanosleep] = sys_nanosleep,
	[__NR_clock_nanosleep] = sys_clock_nanosleep,
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
