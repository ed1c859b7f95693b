// SPDX-License-Identifier: MIT
/* Ends with the status its first argument names; without one, with 0. */
#include <stdlib.h>

int main(int argc, char **argv)
{
	return argc > 1 ? atoi(argv[1]) : 0;
}
