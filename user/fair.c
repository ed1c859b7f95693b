// SPDX-License-Identifier: MIT
/* Do programs that never sleep get their share of one processor: equal ones alike, and by nice? The
 * argument is the seconds each part lasts. For a clock that counts instructions. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define RUNNERS 4

static volatile long *work; /* one cache line each */

static void burn(int which, int nice)
{
	if (setpriority(PRIO_PROCESS, 0, nice))
		_exit(1);
	for (;;)
		work[which * 8]++;
}

/* Lets so many run for a while; their work is left in work[]. */
static void race(int runners, const int *nice, int seconds)
{
	struct timespec while_they_run = { .tv_sec = seconds };
	pid_t pids[RUNNERS];

	for (int i = 0; i < runners; i++) {
		work[i * 8] = 0;
		pids[i] = fork();
		if (!pids[i])
			burn(i, nice[i]);
	}
	nanosleep(&while_they_run, NULL);
	for (int i = 0; i < runners; i++)
		kill(pids[i], SIGSTOP);
	for (int i = 0; i < runners; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		say("# nice %d: %ld\n", nice[i], work[i * 8]);
	}
}

static void equals(int seconds)
{
	static const int nice[RUNNERS];
	long least, most;

	race(RUNNERS, nice, seconds);
	least = most = work[0];
	for (int i = 1; i < RUNNERS; i++) {
		least = work[i * 8] < least ? work[i * 8] : least;
		most = work[i * 8] > most ? work[i * 8] : most;
	}
	tap_true("equal programs run alike, within 5 %",
		 least > 0 && (most - least) * 100 <= most * 5);
}

/* Five steps of nice are a factor of 1.25^5, which is 3.05. */
static void unequals(int seconds)
{
	static const int nice[] = { 0, 5 };

	race(2, nice, seconds);
	tap_true("nice 5 gets a third, within 10 %",
		 work[0] * 100 >= work[8] * 275 && work[0] * 100 <= work[8] * 336);
}

int main(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 1;
	unsigned long first[16] = { 1 };

	work = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tap_answer("bound to the first processor",
		   RAW(SYS_sched_setaffinity, 0, sizeof(first), WORD(first)), 0);
	equals(seconds);
	unequals(seconds);
	return tap_end();
}
