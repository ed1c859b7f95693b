/* SPDX-License-Identifier: MIT */
/* When memory is out: the program that holds most of it ends. Process context. */
#pragma once

#include <quench/types.h>

struct aspace;

/*
 * Makes room for a fault of the running program in `aspace`: sends the process with most pages
 * SIGKILL and waits a while for them. True: try again; false: the running program is the one that
 * has to end, or nobody else is left.
 */
bool oom_relieve(struct aspace *aspace);
