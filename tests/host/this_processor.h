/* SPDX-License-Identifier: MIT */
/* What the processor the tests run on can do. */
#pragma once

#include <arch/feature.h>

/* Its features as the kernel would judge them, less those whose registers this system has not
 * turned on. */
const struct feature_set *this_processor(void);
