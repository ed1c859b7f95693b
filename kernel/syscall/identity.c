/* SPDX-License-Identifier: MIT */
/* Users and groups. Everybody is root, and there is nobody else to become: -EPERM. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/syscall/signals.h>
#include <linux/limits.h>

#define UNCHANGED UINT32_MAX

/* getuid, getgid, geteuid, getegid */
s64 sys_get_root(const struct syscall *call)
{
	return 0;
}

static bool is_root(u64 id)
{
	return !(u32)id || (u32)id == UNCHANGED;
}

/* setuid, setgid */
s64 sys_set_id(const struct syscall *call)
{
	if ((u32)call->arg[0] == UNCHANGED)
		return -EINVAL;
	return is_root(call->arg[0]) ? 0 : -EPERM;
}

/* setreuid, setregid: their third argument is not one; setresuid, setresgid */
s64 sys_set_ids(const struct syscall *call)
{
	return is_root(call->arg[0]) && is_root(call->arg[1]) ? 0 : -EPERM;
}

/* setfsuid, setfsgid: they return the old one and never fail */
s64 sys_set_fs_id(const struct syscall *call)
{
	return 0;
}

/* getresuid, getresgid */
s64 sys_get_ids(const struct syscall *call)
{
	for (int i = 0; i < 3; i++) {
		if (put_user_32(0, USER_POINTER(call, i)))
			return -EFAULT;
	}
	return 0;
}

s64 sys_getgroups(const struct syscall *call)
{
	return (s32)call->arg[0] < 0 ? -EINVAL : 0;
}

/* Any list of root's group alone will do. */
s64 sys_setgroups(const struct syscall *call)
{
	const u32 __user *list = USER_POINTER(call, 1);
	u32 count = (u32)call->arg[0], gid, others = 0;

	if (count > NGROUPS_MAX)
		return -EINVAL;
	for (u32 i = 0; i < count; i++) {
		if (get_user_32(&gid, &list[i]))
			return -EFAULT;
		others |= gid;
	}
	return others ? -EPERM : 0;
}
