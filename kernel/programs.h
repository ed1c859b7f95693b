/* SPDX-License-Identifier: MIT */
/* The programs that the command line names. */
#pragma once

#include <kernel/lib/options.h>
#include <quench/types.h>

/*
 * Runs init=PATH..., one after another, /init when none is given, and records how each ended. True:
 * all with status 0. Refuses the machine when one cannot be run. The boot's own task.
 */
bool programs_run(const struct options *options);
