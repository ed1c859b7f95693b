/* SPDX-License-Identifier: MIT */
/* Identity of the system, thread pointer. */
#include <arch/cpu.h>
#include <arch/pagetable.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/prctl.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/syscall.h>
#include <linux/utsname.h>

s64 sys_arch_prctl(const struct syscall *call)
{
	u64 base = call->arg[1];

	switch ((int)call->arg[0]) {
	case ARCH_SET_FS:
		if (base >= ARCH_USER_LIMIT)
			return -EPERM;
		arch_set_fs_base(base);
		return 0;
	case ARCH_SET_GS:
		if (base >= ARCH_USER_LIMIT)
			return -EPERM;
		arch_set_gs_base(base);
		return 0;
	case ARCH_GET_FS:
		return put_user_64(arch_fs_base(), USER_POINTER(call, 1));
	case ARCH_GET_GS:
		return put_user_64(arch_gs_base(), USER_POINTER(call, 1));
	default:
		return -EINVAL;
	}
}

s64 sys_uname(const struct syscall *call)
{
	/* The release is what libcs compare with the oldest kernel they support. */
	static const struct new_utsname name = {
		.sysname = "Quench",
		.nodename = "quench",
		.release = "6.1.0-quench",
		.version = "Quench " QUENCH_VERSION,
		.machine = "x86_64",
		.domainname = "(none)",
	};

	return copy_to_user(USER_POINTER(call, 0), &name, sizeof(name)) ? -EFAULT : 0;
}
