/* SPDX-License-Identifier: MIT */
/* What the boot found, for people and for programs: `boot`, `cpuid` and `cpu` records, the banner.
 */
#pragma once

#include <quench/boot_info.h>

void report_boot(const struct boot_info *info);
void report_cpu(void);
/* Once all processors run: `smp`. */
void report_smp(void);
