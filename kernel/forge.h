/* SPDX-License-Identifier: MIT */
/* The text becomes this processor's. */
#pragma once

#include <kernel/lib/options.h>

/*
 * Every patch site gets its final bytes, then the exception table follows the code that moved and
 * is sorted. The plan of it all is needed for just that long. Once, on the boot processor, before
 * the seal; refuses the machine when memory is short, panics when a record is damaged.
 */
void forge_text(const struct options *options);
