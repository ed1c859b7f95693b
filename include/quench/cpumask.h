/* SPDX-License-Identifier: MIT */
/* Sets of processors, by index. PURE but for the two atomic operations. */
#pragma once

#include <quench/types.h>

#define MAX_CPUS 256

struct cpumask {
	u64 word[MAX_CPUS / 64];
};

static inline bool cpumask_test(const struct cpumask *mask, unsigned cpu)
{
	return __atomic_load_n(&mask->word[cpu / 64], __ATOMIC_RELAXED) >> (cpu % 64) & 1;
}

/* Other processors may change the set at the same time; full barriers. */
static inline void cpumask_set_atomic(struct cpumask *mask, unsigned cpu)
{
	__atomic_fetch_or(&mask->word[cpu / 64], UINT64_C(1) << (cpu % 64), __ATOMIC_SEQ_CST);
}
static inline void cpumask_clear_atomic(struct cpumask *mask, unsigned cpu)
{
	__atomic_fetch_and(&mask->word[cpu / 64], ~(UINT64_C(1) << (cpu % 64)), __ATOMIC_SEQ_CST);
}

/* Nobody else uses the set, or a lock guards it. */
static inline void cpumask_set(struct cpumask *mask, unsigned cpu)
{
	mask->word[cpu / 64] |= UINT64_C(1) << (cpu % 64);
}
static inline void cpumask_clear(struct cpumask *mask, unsigned cpu)
{
	mask->word[cpu / 64] &= ~(UINT64_C(1) << (cpu % 64));
}
static inline void cpumask_zero(struct cpumask *mask)
{
	for (unsigned i = 0; i < MAX_CPUS / 64; i++)
		mask->word[i] = 0;
}
/* The first n processors. */
static inline void cpumask_first_n(struct cpumask *mask, unsigned n)
{
	for (unsigned i = 0; i < MAX_CPUS / 64; i++) {
		unsigned before = i * 64;

		mask->word[i] = n >= before + 64 ? ~UINT64_C(0)
				: n > before     ? (UINT64_C(1) << (n - before)) - 1
						 : 0;
	}
}

/* The first member from `cpu` on, or MAX_CPUS. */
static inline unsigned cpumask_next(const struct cpumask *mask, unsigned cpu)
{
	while (cpu < MAX_CPUS) {
		u64 rest = __atomic_load_n(&mask->word[cpu / 64], __ATOMIC_RELAXED) >> (cpu % 64);

		if (rest)
			return cpu + (unsigned)__builtin_ctzll(rest);
		cpu = (cpu / 64 + 1) * 64;
	}
	return MAX_CPUS;
}

#define cpumask_for_each(cpu, mask)                             \
	for ((cpu) = cpumask_next((mask), 0); (cpu) < MAX_CPUS; \
	     (cpu) = cpumask_next((mask), (cpu) + 1))

static inline bool cpumask_empty(const struct cpumask *mask)
{
	return cpumask_next(mask, 0) == MAX_CPUS;
}

static inline unsigned cpumask_count(const struct cpumask *mask)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MAX_CPUS / 64; i++)
		for (u64 word = mask->word[i]; word; word &= word - 1)
			n++;
	return n;
}
