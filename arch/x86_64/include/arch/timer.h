/* SPDX-License-Identifier: MIT */
/* Each processor's own timer: one shot, armed anew as the scheduler needs. */
#pragma once

#include <quench/types.h>

/*
 * kernel_timer() is called on this processor once, `ns` nanoseconds from now or a little later
 * (0: as soon as interrupts are on); at most about 1 second, longer is cut to that. Replaces
 * what was armed before. Interrupts or preemption off.
 */
void arch_timer_arm(u64 ns);
