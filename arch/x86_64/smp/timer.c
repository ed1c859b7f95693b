/* SPDX-License-Identifier: MIT */
/* Each processor's APIC timer: by TSC deadline, or counting down at a rate measured at boot. */
#include <arch/cpu.h>
#include <arch/timer.h>
#include <quench/compiler.h>
#include <x86/registers.h>
#include <x86/smp.h>
#include <x86/vectors.h>

#define MOST_NS    UINT64_C(1000000000)
#define MEASURE_NS UINT64_C(2000000)
#define READINGS   8

static bool deadline __ro_after_init;
static u64 timer_khz __ro_after_init;
static u64 ticks_per_ns_32 __ro_after_init; /* of TSC or timer, times 2^32 */

/* Timer and clock, read as near to one another as they came. */
struct sample {
	u64 ns, width;
	u32 left;
};

static struct sample read_both(void)
{
	u64 before = arch_clock_ns();
	u32 left = x86_apic_timer_left();
	u64 after = arch_clock_ns();

	return (struct sample){ before + (after - before) / 2, after - before, left };
}

static struct sample best_reading(void)
{
	struct sample best = read_both();

	for (int i = 1; i < READINGS; i++) {
		struct sample next = read_both();

		if (next.width < best.width)
			best = next;
	}
	return best;
}

static u64 measured_khz(void)
{
	struct sample first, last;

	x86_apic_timer_mode(VECTOR_TIMER, false, true);
	x86_apic_timer_count(UINT32_MAX);
	first = best_reading();
	while (arch_clock_ns() - first.ns < MEASURE_NS)
		__asm__ volatile("pause");
	last = best_reading();
	x86_apic_timer_count(0);
	return (u64)(first.left - last.left) * 1000000 / (last.ns - first.ns);
}

void x86_timer_calibrate(void)
{
	deadline = feature_test(&arch_cpu_report()->features, FEATURE_TSC_DEADLINE);
	if (!deadline)
		timer_khz = measured_khz();
	if (!deadline && !timer_khz)
		timer_khz = 1; /* it does not count at all: late is better than a division by 0 */
	ticks_per_ns_32 = ((deadline ? arch_tsc_khz() : timer_khz) << 32) / 1000000;
}

void x86_timer_init(void)
{
	x86_apic_timer_mode(VECTOR_TIMER, deadline, false);
}

bool x86_timer_is_deadline(void)
{
	return deadline;
}

u64 x86_timer_khz(void)
{
	return timer_khz;
}

void arch_timer_arm(u64 ns)
{
	u64 ticks;

	if (!x86_apic_usable())
		return;
	if (ns > MOST_NS)
		ns = MOST_NS;
	ticks = (u64)((unsigned __int128)ns * ticks_per_ns_32 >> 32) + 1;
	if (deadline)
		x86_write_msr(MSR_TSC_DEADLINE, arch_tsc() + ticks);
	else
		x86_apic_timer_count(ticks < UINT32_MAX ? (u32)ticks : UINT32_MAX);
}
