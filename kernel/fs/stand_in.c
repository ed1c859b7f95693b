/* SPDX-License-Identifier: MIT */
/* Weak stand-ins for what signals are about to bring. */
#include <kernel/signal/signal.h>

#define __weak __attribute__((weak))

__weak void signal_raise(int signal)
{
}
__weak int signal_wait_mask(const void __user *mask, size_t bytes)
{
	return 0;
}
__weak void signal_wait_mask_end(bool interrupted)
{
}
