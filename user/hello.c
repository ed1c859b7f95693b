// SPDX-License-Identifier: MIT
/* The smallest program on the C library: prints its arguments and environment. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp)
{
	printf("hello from process %d\n", (int)getpid());
	for (int i = 0; i < argc; i++)
		printf("argv[%d] %s\n", i, argv[i]);
	for (int i = 0; envp[i]; i++)
		printf("envp[%d] %s\n", i, envp[i]);
	return EXIT_SUCCESS;
}
