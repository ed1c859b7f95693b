/* SPDX-License-Identifier: MIT */
/* Weak stand-ins for what signals are about to bring. */
#include <kernel/fs/signal_hooks.h>

#define __weak __attribute__((weak))

__weak void signal_send_self(int signal)
{
}
__weak s64 signal_mask_temporarily(const void __user *from, u64 bytes)
{
	return 0;
}
__weak void signal_mask_restore(bool interrupted)
{
}
