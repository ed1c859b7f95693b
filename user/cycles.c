// SPDX-License-Identifier: MIT
/* Forks so many children that each become this program anew and end at once; the argument is how
 * many. TAP on standard output. */
#include <stdlib.h>
#include <sys/wait.h>

#include "tap.h"

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000, status, well = 0;

	if (argc > 2) /* a child */
		return 7;
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (!pid) {
			execl(argv[0], argv[0], "0", "child", NULL);
			_exit(1);
		}
		well += pid > 0 && waitpid(pid, &status, 0) == pid && status == 7 << 8;
	}
	tap_answer("every child became a program and ended", well, count);
	return tap_end();
}
