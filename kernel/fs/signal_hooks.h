/* SPDX-License-Identifier: MIT */
/* What files ask of signals. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/* A signal to the running task, as the kernel sends it. */
void signal_send_self(int signal);
/* ppoll, pselect6: the mask at `from`, of `bytes` bytes, holds until signal_mask_restore; NULL: no
 * change. 0, -EINVAL, -EFAULT. `interrupted`: the old mask comes back only after delivery. */
s64 signal_mask_temporarily(const void __user *from, u64 bytes);
void signal_mask_restore(bool interrupted);
