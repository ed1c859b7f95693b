/* SPDX-License-Identifier: MIT */
/* The loops that are timed. */
#include "timing.h"

#include <stdlib.h>
#include <time.h>

/* LFENCE on either side: what came before is done, what comes after has not begun. SDM volume 2,
 * "RDTSC—Read Time-Stamp Counter" and "RDTSCP—Read Time-Stamp Counter and Processor ID". */
static inline u64 tick_start(void)
{
	u32 low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high)::"memory");
	return (u64)high << 32 | low;
}

static inline u64 tick_stop(void)
{
	u32 low, high;

	__asm__ volatile("rdtscp\n\tlfence" : "=a"(low), "=d"(high)::"rcx", "memory");
	return (u64)high << 32 | low;
}

/* One loop for all, so that its cost and its place in memory are the same for all; `volatile`
 * keeps the compiler from knowing whom it calls. */
__attribute__((noinline, aligned(64))) u64 time_repeat(timed_fn fn, u64 a, u64 b, u64 c, u64 ops)
{
	timed_fn volatile anyone = fn;
	timed_fn call = anyone;
	u64 start = tick_start();

	for (u64 i = 0; i < ops; i++)
		call(a, b, c);
	return tick_stop() - start;
}

__attribute__((noinline, aligned(64))) u64 time_calls(timed_fn fn, u64 a, u64 b,
						      const struct call_offsets *calls, size_t n)
{
	timed_fn volatile anyone = fn;
	timed_fn call = anyone;
	u64 start = tick_start();

	for (size_t i = 0; i < n; i++)
		call(a + calls[i].a, b + calls[i].b, calls[i].c);
	return tick_stop() - start;
}

static double monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Ticks a nanosecond over 4 ms. */
static double rate(void)
{
	double ns = monotonic_ns(), elapsed;
	u64 start = tick_start(), ticks;

	do {
		elapsed = monotonic_ns() - ns;
		ticks = tick_stop() - start;
	} while (elapsed < 4e6);
	return (double)ticks / elapsed;
}

static int compare_rates(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double tsc_ghz(void)
{
	double rates[5];

	/* Of several, since anything may come between the two clocks. */
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		rates[i] = rate();
	qsort(rates, ARRAY_SIZE(rates), sizeof(rates[0]), compare_rates);
	return rates[ARRAY_SIZE(rates) / 2];
}
