// SPDX-License-Identifier: MIT
/* Runs the test programs beside one another, over and over, for so many seconds (the argument), and
 * says which failed. TAP on standard output. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define AT_ONCE 4

static const char *const programs[] = {
	"storm",     "registers", "sharing", "pipes", "threads", "signals",
	"processes", "pointers",  "tree",    "elves", "cycles",  "facts",
};

static struct {
	pid_t pid;
	unsigned program;
} running[AT_ONCE];

static unsigned runs, failed;

static void start(unsigned slot)
{
	static unsigned turn;
	unsigned program = turn++ % ARRAY_SIZE(programs);
	char path[40];
	pid_t pid;

	snprintf(path, sizeof(path), "/bin/%s", programs[program]);
	pid = fork();
	if (!pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 0);
		dup2(null, 1);
		execl(path, path, NULL);
		_exit(126);
	}
	running[slot].pid = pid;
	running[slot].program = program;
	runs++;
}

/* The slot of one that has ended; orphans of theirs are reaped on the way. */
static unsigned wait_for_one(void)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, 0);

		for (unsigned i = 0; i < AT_ONCE; i++) {
			if (pid < 0 || running[i].pid != pid)
				continue;
			running[i].pid = 0;
			failed += status != 0;
			if (status)
				say("# %s ended with %#x\n", programs[running[i].program], status);
			return i;
		}
		if (pid < 0)
			_exit(4);
	}
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);

	for (unsigned i = 0; i < AT_ONCE; i++)
		start(i);
	while (time(NULL) < end)
		start(wait_for_one());
	for (unsigned i = 0; i < AT_ONCE; i++)
		wait_for_one();
	say("# %u runs\n", runs);
	tap_answer("programs that failed", failed, 0);
	return tap_end();
}
