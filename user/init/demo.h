/* SPDX-License-Identifier: MIT */
/* What the two halves of the demo share: the ground they stand on and the score they keep. */
#pragma once

#include <stdbool.h>
#include <sys/uio.h>

/* Memory and descriptors laid out by demo_prepare. */
struct demo {
	char *page;      /* one page, after which nothing is mapped */
	char *hole;      /* that nothing: page + PAGE */
	char *read_only; /* one page filled with READ_ONLY_FILL */
	char *forbidden; /* one PROT_NONE page */
	char *valid;     /* two pages to read and write */
	int file;        /* this very program, for reading */
	int null_device; /* for writing */
	int zero_device;
	unsigned rows, answers, wrong;
};
extern struct demo demo;

#define READ_ONLY_FILL     0x5a
#define USER_END           0x0000800000000000UL /* the first non-canonical address */
#define WILD               0x8000000000000000UL /* non-canonical, and the sign bit */
#define DIRECT_MAP_ADDRESS 0xffff800000100000UL
#define KERNEL_TEXT        0xffffffff80201000UL

/* Counts one answer of the kernel; true when it is the right one. */
bool demo_judge(long answer, long expected);

/* init/special.c: what does not fit the table, one line an answer. */
void demo_special(void);
