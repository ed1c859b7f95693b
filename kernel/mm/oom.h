/* SPDX-License-Identifier: MIT */
/* When memory is out: the program that holds most of it ends. Process context. */
#pragma once

#include <quench/types.h>

/*
 * Makes room for a fault of the running program: the process with most pages gets SIGKILL, and some
 * time to be gone. True: try again; false: the running program is the one that has to end.
 */
bool oom_relieve(void);
