/* SPDX-License-Identifier: MIT */
/* What happens to a copy in its midst: interrupts, and another task with other registers. */
#pragma once

#include <quench/types.h>

/* From now on interrupts come all the time, and at the end of each time slice a task runs that
 * leaves rubbish in every vector register. Process context, interrupts on. */
void disturb_start(void);
/* Interrupts since this was last asked. */
u64 disturb_interrupts(void);
/* No more of that when this returns. Says how often the other task ran. */
void disturb_stop(void);
