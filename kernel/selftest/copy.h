/* SPDX-License-Identifier: MIT */
/* The user copies held against their contract inside the kernel: `selftest=copy`. */
#pragma once

#include <quench/compiler.h>
#include <quench/types.h>

/*
 * Copies and clears by every variant that runs here, with faults at holes, at read-only pages and
 * at non-canonical addresses: a sample with a fixed seed. One `test` record and one console line
 * for each variant; false when one is wrong. Boot context, after the seal; needs some 10 pages.
 */
bool selftest_copy(void) __must_check;
