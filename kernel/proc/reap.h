/* SPDX-License-Identifier: MIT */
/* Waiting for children: wait4(2), waitid(2). Process context. */
#pragma once

#include <quench/types.h>

enum reap_kind { REAP_ANY, REAP_PID, REAP_GROUP };

struct reap_request {
	enum reap_kind kind;
	int id;      /* process or group */
	u32 options; /* WNOHANG, WEXITED, WSTOPPED, WCONTINUED, WNOWAIT, __WCLONE, __WALL */
};

struct reap_result {
	int pid; /* 0: WNOHANG, and nothing to tell */
	int uid;
	int code;        /* CLD_EXITED ... of <asm/siginfo.h> */
	int status;      /* exit code, or signal */
	int wait_status; /* as wait4(2) reports it */
	u64 ran;         /* TSC ticks, with its children's */
};

/* Waits for a child to change its state and takes note of it. 0 with *result; -ECHILD,
 * -ERESTARTSYS. */
int reap(const struct reap_request *request, struct reap_result *result);
