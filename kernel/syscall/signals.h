/* SPDX-License-Identifier: MIT */
/* System calls about signals, groups, limits and identity. */
#pragma once

#include <kernel/syscall/syscall.h>

/* signal.c */
s64 sys_rt_sigaction(const struct syscall *call);
s64 sys_rt_sigprocmask(const struct syscall *call);
s64 sys_rt_sigpending(const struct syscall *call);
s64 sys_rt_sigsuspend(const struct syscall *call);
s64 sys_rt_sigtimedwait(const struct syscall *call);
s64 sys_pause(const struct syscall *call);
s64 sys_sigaltstack(const struct syscall *call);
s64 sys_restart_syscall(const struct syscall *call);
/* kill.c */
s64 sys_kill(const struct syscall *call);
s64 sys_tkill(const struct syscall *call);
s64 sys_tgkill(const struct syscall *call);
s64 sys_rt_sigqueueinfo(const struct syscall *call);
s64 sys_rt_tgsigqueueinfo(const struct syscall *call);
/* group.c */
s64 sys_setpgid(const struct syscall *call);
s64 sys_getpgid(const struct syscall *call);
s64 sys_getpgrp(const struct syscall *call);
s64 sys_setsid(const struct syscall *call);
s64 sys_getsid(const struct syscall *call);
/* identity.c */
s64 sys_get_root(const struct syscall *call);
s64 sys_set_id(const struct syscall *call);
s64 sys_set_ids(const struct syscall *call);
s64 sys_set_fs_id(const struct syscall *call);
s64 sys_get_ids(const struct syscall *call);
s64 sys_getgroups(const struct syscall *call);
s64 sys_setgroups(const struct syscall *call);
/* limits.c */
s64 sys_getrlimit(const struct syscall *call);
s64 sys_setrlimit(const struct syscall *call);
s64 sys_prlimit64(const struct syscall *call);
s64 sys_getrusage(const struct syscall *call);
s64 sys_times(const struct syscall *call);
s64 sys_sysinfo(const struct syscall *call);
/* itimer.c */
s64 sys_alarm(const struct syscall *call);
s64 sys_setitimer(const struct syscall *call);
s64 sys_getitimer(const struct syscall *call);
/* reboot.c */
s64 sys_reboot(const struct syscall *call);
