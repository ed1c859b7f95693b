/* SPDX-License-Identifier: MIT */
/* A directory of one's own in memory, the current one from then on: tmpfs on Linux. */
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include "user.h"

static char scratch_path[64];

static inline void scratch_enter(void)
{
	const char *base = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";

	mkdir(base, 01777);
	snprintf(scratch_path, sizeof(scratch_path), "%s/quench-%d", base, getpid());
	if (mkdir(scratch_path, 0755) || chdir(scratch_path)) {
		say("# no scratch directory %s: %s\n", scratch_path, strerror(errno));
		_exit(2);
	}
}

/* Everything in it has been removed. */
static inline void scratch_leave(void)
{
	if (chdir("/") || rmdir(scratch_path)) {
		say("not ok - scratch directory %s is left empty: %s\n", scratch_path,
		    strerror(errno));
		_exit(1);
	}
}
