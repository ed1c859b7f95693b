/* SPDX-License-Identifier: MIT */
/*
 * System calls: one function each, found by Linux's number through table.c. docs/system-calls.md
 * tells how to add one. Process context.
 */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/* The six registers a program passes, as it left them: each call narrows its own. */
struct syscall {
	u64 arg[6];
};

/* Returns the value for rax: the result, or a negative errno. */
typedef s64 (*syscall_fn)(const struct syscall *call);

/* Runs the call with this number; -ENOSYS when there is none. */
s64 syscall_run(u32 number, const struct syscall *call);

/* An argument that points into the program's memory. */
#define USER_POINTER(call, n) ((void __user *)(call)->arg[n])

/* memory.c */
s64 sys_mmap(const struct syscall *call);
s64 sys_munmap(const struct syscall *call);
s64 sys_mprotect(const struct syscall *call);
s64 sys_brk(const struct syscall *call);
s64 sys_mremap(const struct syscall *call);
s64 sys_madvise(const struct syscall *call);
s64 sys_mincore(const struct syscall *call);
s64 sys_msync(const struct syscall *call);
s64 sys_mlock(const struct syscall *call);
s64 sys_mlock2(const struct syscall *call);
s64 sys_munlock(const struct syscall *call);
s64 sys_mlockall(const struct syscall *call);
s64 sys_munlockall(const struct syscall *call);
/* process_vm.c */
s64 sys_process_vm_readv(const struct syscall *call);
s64 sys_process_vm_writev(const struct syscall *call);
/* process.c */
s64 sys_arch_prctl(const struct syscall *call);
s64 sys_uname(const struct syscall *call);
/* time.c */
s64 sys_clock_gettime(const struct syscall *call);
s64 sys_clock_getres(const struct syscall *call);
s64 sys_gettimeofday(const struct syscall *call);
s64 sys_time(const struct syscall *call);
/* thread.c */
s64 sys_getpid(const struct syscall *call);
s64 sys_gettid(const struct syscall *call);
s64 sys_getppid(const struct syscall *call);
s64 sys_set_tid_address(const struct syscall *call);
s64 sys_exit(const struct syscall *call);
s64 sys_exit_group(const struct syscall *call);
s64 sys_want_full_frame(const struct syscall *call);
s64 sys_wait4(const struct syscall *call);
s64 sys_waitid(const struct syscall *call);
/* sched.c */
s64 sys_sched_yield(const struct syscall *call);
s64 sys_sched_setaffinity(const struct syscall *call);
s64 sys_sched_getaffinity(const struct syscall *call);
s64 sys_sched_setscheduler(const struct syscall *call);
s64 sys_sched_getscheduler(const struct syscall *call);
s64 sys_sched_setparam(const struct syscall *call);
s64 sys_sched_getparam(const struct syscall *call);
s64 sys_sched_get_priority_max(const struct syscall *call);
s64 sys_sched_get_priority_min(const struct syscall *call);
s64 sys_sched_rr_get_interval(const struct syscall *call);
s64 sys_getcpu(const struct syscall *call);
s64 sys_getpriority(const struct syscall *call);
s64 sys_setpriority(const struct syscall *call);
/* futex.c */
s64 sys_futex(const struct syscall *call);
s64 sys_set_robust_list(const struct syscall *call);
s64 sys_get_robust_list(const struct syscall *call);
/* sleep.c */
s64 sys_nanosleep(const struct syscall *call);
s64 sys_clock_nanosleep(const struct syscall *call);
