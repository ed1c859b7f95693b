// SPDX-License-Identifier: MIT
/* Many processes and threads at once that fork, wait, pass tokens, sleep and move about. TAP on
 * standard output; the first argument multiplies the work, the second is the seed. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define WORKERS 12
#define TOKENS  200

static int rounds = 6;

static uint32_t next(uint32_t *seed)
{
	return *seed = *seed * 1664525 + 1013904223;
}

/* Somewhere else, if there is somewhere else. */
static void move(uint32_t *seed)
{
	uint64_t all[16] = { 0 }, one[16] = { 0 };
	long bytes = RAW(SYS_sched_getaffinity, 0, sizeof(all), WORD(all));
	unsigned cpu = next(seed) >> 8 & 7;

	if (bytes < 8)
		_exit(20);
	one[0] = 1UL << cpu;
	if (RAW(SYS_sched_setaffinity, 0, sizeof(one), WORD(one)) == 0 &&
	    sched_getcpu() != (int)cpu)
		_exit(21);
	if (next(seed) & 256)
		memset(all, 0xff, sizeof(all));
	RAW(SYS_sched_setaffinity, 0, sizeof(all), WORD(all));
}

static int fork_some(uint32_t *seed)
{
	int status, sum = 0, wanted = 0;

	for (int i = 0; i < 4; i++) {
		int code = next(seed) >> 8 & 63;
		pid_t pid = fork();

		if (pid < 0)
			return 0;
		if (!pid) {
			if (code & 1)
				sched_yield();
			_exit(code);
		}
		wanted += code;
	}
	while (wait(&status) > 0)
		sum += status >> 8;
	return sum == wanted;
}

static void *count(void *argument)
{
	volatile long *sum = argument;

	for (int i = 0; i < 1000; i++)
		__atomic_fetch_add(sum, 1, __ATOMIC_RELAXED);
	return argument;
}

static int thread_some(void)
{
	pthread_t threads[4];
	long sum = 0;

	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, count, &sum))
			return 0;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	return sum == 4000;
}

/* A token round a ring of pipes. */
static int pass_tokens(void)
{
	int there[2], back[2], status;
	pid_t pid;
	long token = 0;

	if (pipe(there) || pipe(back))
		return 0;
	pid = fork();
	if (!pid) {
		close(there[1]);
		close(back[0]);
		while (read(there[0], &token, sizeof(token)) == sizeof(token)) {
			token++;
			if (write(back[1], &token, sizeof(token)) != sizeof(token))
				_exit(1);
		}
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	for (int i = 0; i < TOKENS; i++) {
		token++;
		if (write(there[1], &token, sizeof(token)) != sizeof(token) ||
		    read(back[0], &token, sizeof(token)) != sizeof(token))
			break;
	}
	close(there[1]);
	close(back[0]);
	return waitpid(pid, &status, 0) == pid && !status && token == 2 * TOKENS;
}

static int sleep_a_little(uint32_t *seed)
{
	struct timespec time = { 0, next(seed) >> 8 & 0xfffff };

	return nanosleep(&time, NULL) == 0;
}

/* 0, or the number of what went wrong. */
static int work(uint32_t seed)
{
	for (int round = 0; round < rounds; round++) {
		move(&seed);
		if (!fork_some(&seed))
			return 1;
		if (!thread_some())
			return 2;
		if (!pass_tokens())
			return 3;
		if (!sleep_a_little(&seed))
			return 4;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int status, ended = 0, well = 0;
	pid_t workers[WORKERS];
	uint32_t seed = 0;

	if (argc > 1)
		rounds *= atoi(argv[1]);
	if (argc > 2)
		seed = (uint32_t)atoi(argv[2]);
	for (int i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		if (!workers[i])
			_exit(work(seed * WORKERS + (uint32_t)i * 7919));
	}
	for (int i = 0; i < WORKERS; i++) {
		if (waitpid(workers[i], &status, 0) != workers[i])
			continue;
		ended++;
		well += status == 0;
		if (status)
			say("# worker %d ended with %#x\n", i, status);
	}
	tap_answer("every worker of the storm ended", ended, WORKERS);
	tap_answer("and all was well with each", well, WORKERS);
	tap_answer("nobody is left", waitpid(-1, &status, 0) < 0 ? -errno : 0, -ECHILD);
	return tap_end();
}
