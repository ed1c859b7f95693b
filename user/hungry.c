// SPDX-License-Identifier: MIT
/* More memory is asked for than there is: the one that has most of it dies, others go on. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#include "tap.h"

#define ROUNDS 3

static unsigned long free_bytes(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : info.freeram * info.mem_unit;
}

/* Touches pages without end. */
static void devour(void)
{
	for (;;) {
		volatile char *area = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (area == MAP_FAILED)
			_exit(1);
		for (int i = 0; i < 64; i++)
			area[i * PAGE] = 1;
	}
}

/* A small one that needs a page now and then, as long as the pipe is open. */
static void nibble(int end)
{
	char byte;

	for (;;) {
		volatile char *area = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		area[0] = 1;
		munmap((void *)area, PAGE);
		if (read(end, &byte, 1) == 0)
			_exit(7);
	}
}

static pid_t start(void (*fn)(int), int argument)
{
	pid_t pid = fork();

	if (pid == 0) {
		fn(argument);
		_exit(0);
	}
	return pid;
}

static void hog(int unused)
{
	(void)unused;
	devour();
}

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* With `hogs` at once: each ends by SIGKILL, the small one by itself. */
static void round_of(int hogs)
{
	unsigned long before = free_bytes(), after;
	pid_t small, large[4];
	int ends[2], killed = 0;

	if (pipe(ends))
		exit(1);
	small = fork();
	if (small == 0) {
		close(ends[1]);
		nibble(ends[0]);
	}
	close(ends[0]);
	for (int i = 0; i < hogs; i++)
		large[i] = start(hog, 0);
	for (int i = 0; i < hogs; i++)
		killed += status_of(large[i]) == -SIGKILL;
	tap_answer("every hog is killed", killed, hogs);
	close(ends[1]);
	tap_answer("the small one is not", status_of(small), 7);
	after = free_bytes();
	tap_true("and the memory is back", after + 64 * PAGE > before);
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++)
		round_of(1);
	round_of(3);
	return tap_end();
}
