/* SPDX-License-Identifier: MIT */
/*
 * Whether two processors' time stamp counters agree: both read theirs in turns that a lock orders,
 * so that each reading is later than the one before, whoever made it. One that shows less is of a
 * counter that lies behind. SDM volume 3, "Time-Stamp Counter".
 */
#include <arch/cpu.h>
#include <arch/spinlock.h>
#include <x86/smp.h>

#define READINGS 512
/* How often the other must have read among the boot CPU's readings, and when not to wait any more:
 * one of the two may be a thread of a busy host. */
#define TURNS    8
#define PATIENCE UINT64_C(10000000000)

static struct {
	struct arch_spinlock lock; /* protects the two below */
	u64 latest, behind;
	u32 turns; /* atomic: readings of the one that is compared */
	u32 over;  /* atomic: the boot CPU has read often enough */
} comparison;

static void read_once(void)
{
	u64 now;

	arch_spin_lock_raw(&comparison.lock);
	now = arch_tsc();
	if (now >= comparison.latest)
		comparison.latest = now;
	else if (comparison.latest - now > comparison.behind)
		comparison.behind = comparison.latest - now;
	arch_spin_unlock_raw(&comparison.lock);
	arch_pause();
}

u64 x86_tsc_compare(void)
{
	u64 behind, start = arch_clock_ns();
	u32 before;

	read_once();
	before = __atomic_load_n(&comparison.turns, __ATOMIC_ACQUIRE);
	for (unsigned i = 0;
	     i < READINGS ||
	     (__atomic_load_n(&comparison.turns, __ATOMIC_ACQUIRE) - before < TURNS &&
	      arch_clock_ns() - start < PATIENCE);
	     i++)
		read_once();
	arch_spin_lock_raw(&comparison.lock);
	behind = comparison.behind;
	comparison.behind = comparison.latest = 0;
	__atomic_store_n(&comparison.over, 1, __ATOMIC_RELEASE);
	arch_spin_unlock_raw(&comparison.lock);
	return behind;
}

void x86_tsc_be_compared(void)
{
	while (!__atomic_load_n(&comparison.over, __ATOMIC_ACQUIRE)) {
		read_once();
		__atomic_fetch_add(&comparison.turns, 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&comparison.over, 0, __ATOMIC_RELEASE);
}
