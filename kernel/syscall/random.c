/* SPDX-License-Identifier: MIT */
/* getrandom. */
#include <asm/errno.h>
#include <kernel/fs/device.h>
#include <kernel/syscall/files.h>
#include <linux/random.h>

s64 sys_getrandom(const struct syscall *call)
{
	u64 n = call->arg[1] < FILE_MAX_COUNT ? call->arg[1] : FILE_MAX_COUNT;
	u32 flags = (u32)call->arg[2];
	struct user_buffer to;

	if (flags & ~(u32)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if (!user_range_ok(USER_POINTER(call, 0), n))
		return -EFAULT;
	user_buffer_init(&to, USER_POINTER(call, 0), n);
	return random_read(&to);
}
