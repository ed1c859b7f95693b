/* SPDX-License-Identifier: MIT */
/* The samples: functions with alternatives, in NASM and C, that tell which version ran. */
#pragma once

#include <quench/types.h>

int sample_last_wins(void);
int sample_conditions(void);
int sample_moved(void);
int sample_branches(void);
int sample_nested(void);
int sample_middle(void);
int sample_nested_call(void);
int sample_tail(void);
int sample_only_nested(void);
u64 sample_constants(void);
void sample_faults(void);

int sample_c_io(int value);
int sample_c_call(int value);
int sample_c_call_if(void);
int sample_c_cpu_has(void);
u64 sample_c_constants(u64 value);
int sample_c_faults(u8 *to);
