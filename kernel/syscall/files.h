/* SPDX-License-Identifier: MIT */
/* System calls on files, paths and descriptors. Process context. */
#pragma once

#include <kernel/syscall/syscall.h>

/* file.c */
s64 sys_read(const struct syscall *call);
s64 sys_write(const struct syscall *call);
s64 sys_pread64(const struct syscall *call);
s64 sys_pwrite64(const struct syscall *call);
s64 sys_lseek(const struct syscall *call);
s64 sys_ioctl(const struct syscall *call);
s64 sys_fsync(const struct syscall *call);
s64 sys_sync(const struct syscall *call);
s64 sys_ftruncate(const struct syscall *call);
s64 sys_truncate(const struct syscall *call);
s64 sys_fallocate(const struct syscall *call);
s64 sys_fadvise64(const struct syscall *call);
s64 sys_getdents64(const struct syscall *call);

/* fcntl.c */
s64 sys_close(const struct syscall *call);
s64 sys_close_range(const struct syscall *call);
s64 sys_dup(const struct syscall *call);
s64 sys_dup2(const struct syscall *call);
s64 sys_dup3(const struct syscall *call);
s64 sys_fcntl(const struct syscall *call);
s64 sys_flock(const struct syscall *call);
s64 sys_pipe(const struct syscall *call);
s64 sys_pipe2(const struct syscall *call);
s64 sys_memfd_create(const struct syscall *call);

/* vector.c */
s64 sys_readv(const struct syscall *call);
s64 sys_writev(const struct syscall *call);
s64 sys_preadv(const struct syscall *call);
s64 sys_pwritev(const struct syscall *call);

/* path.c */
s64 sys_open(const struct syscall *call);
s64 sys_creat(const struct syscall *call);
s64 sys_openat(const struct syscall *call);
s64 sys_chdir(const struct syscall *call);
s64 sys_fchdir(const struct syscall *call);
s64 sys_getcwd(const struct syscall *call);
s64 sys_umask(const struct syscall *call);

/* stat.c */
s64 sys_stat(const struct syscall *call);
s64 sys_lstat(const struct syscall *call);
s64 sys_fstat(const struct syscall *call);
s64 sys_newfstatat(const struct syscall *call);
s64 sys_statx(const struct syscall *call);
s64 sys_access(const struct syscall *call);
s64 sys_faccessat(const struct syscall *call);
s64 sys_faccessat2(const struct syscall *call);
s64 sys_statfs(const struct syscall *call);
s64 sys_fstatfs(const struct syscall *call);

/* names.c */
s64 sys_mkdir(const struct syscall *call);
s64 sys_mkdirat(const struct syscall *call);
s64 sys_mknod(const struct syscall *call);
s64 sys_mknodat(const struct syscall *call);
s64 sys_rmdir(const struct syscall *call);
s64 sys_unlink(const struct syscall *call);
s64 sys_unlinkat(const struct syscall *call);
s64 sys_rename(const struct syscall *call);
s64 sys_renameat(const struct syscall *call);
s64 sys_renameat2(const struct syscall *call);
s64 sys_link(const struct syscall *call);
s64 sys_linkat(const struct syscall *call);
s64 sys_symlink(const struct syscall *call);
s64 sys_symlinkat(const struct syscall *call);
s64 sys_readlink(const struct syscall *call);
s64 sys_readlinkat(const struct syscall *call);
s64 sys_chmod(const struct syscall *call);
s64 sys_fchmodat(const struct syscall *call);
s64 sys_fchmod(const struct syscall *call);
s64 sys_chown(const struct syscall *call);
s64 sys_lchown(const struct syscall *call);
s64 sys_fchownat(const struct syscall *call);
s64 sys_fchown(const struct syscall *call);
s64 sys_utimensat(const struct syscall *call);

/* sendfile.c */
s64 sys_sendfile(const struct syscall *call);

/* random.c */
s64 sys_getrandom(const struct syscall *call);

/* poll.c */
s64 sys_poll(const struct syscall *call);
s64 sys_ppoll(const struct syscall *call);
s64 sys_select(const struct syscall *call);
s64 sys_pselect6(const struct syscall *call);
