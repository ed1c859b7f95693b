/* SPDX-License-Identifier: MIT */
/* The end of the machine. */
#pragma once

#include <arch/cpu.h>
#include <quench/compiler.h>

/* Reports the free memory once all has settled, says passed or failed, and leaves by `exit`. The
 * boot's own task, after its last program. */
__noreturn void end_machine(bool well, enum arch_exit exit);
