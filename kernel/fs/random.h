/* SPDX-License-Identifier: MIT */
/* Random bytes: getrandom, /dev/random, /dev/urandom. */
#pragma once

#include <quench/types.h>

/* Fills `bytes`. Never sleeps; process context. Unpredictable where the processor has RDRAND or
 * RDSEED, else only as far as nobody knows when the machine was started. */
void random_bytes(void *bytes, size_t n);
