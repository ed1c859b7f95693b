/* SPDX-License-Identifier: MIT */
/* Time from the time stamp counter, its rate from the hypervisor, CPUID or the 8254 timer. */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <quench/compiler.h>
#include <quench/string.h>
#include <x86/io.h>
#include <x86/machine.h>

/* Intel 8254 data sheet, "Programming the 8254"; port 0x61 gates channel 2. */
#define PIT_HZ            UINT64_C(1193182)
#define PIT_CHANNEL_2     0x42
#define PIT_COMMAND       0x43
#define PIT_CH2_MODE_0    0xb0 /* channel 2, both bytes, interrupt on terminal count */
#define PIT_CH2_LATCH     0x80
#define PORT_61           0x61
#define PORT_61_GATE      0x01
#define PORT_61_SPEAKER   0x02
#define PORT_61_OUT       0x20 /* in mode 0: the count has passed zero */
#define CALIBRATION_TICKS 1500 /* 1.26 ms */

/* One reading of the timer and the counter, as near to one another as they came. */
struct sample {
	u64 tsc;
	u64 width; /* TSC ticks the reading took */
	u16 count;
};

static u64 start_tsc __ro_after_init;
static u64 tsc_khz __ro_after_init = 1000000; /* a guess, for a machine without any timer */
static u64 boot_seconds __ro_after_init;
static const char *clock_kind __ro_after_init;
static u64 ns_per_tick_32 __ro_after_init; /* nanoseconds a tick, times 2^32 */

/* SDM volume 2, "RDTSC" and "RDTSCP": LFENCE before the one waits for what stands before, as the
 * other does by itself; LFENCE after holds back what follows. */
u64 arch_tsc(void)
{
	u32 low, high;

	alternative_io("lfence\n\trdtsc\n\tlfence", FEATURE_RDTSCP, "rdtscp\n\tlfence",
		       ALT_OUT("=a"(low), "=d"(high)), ALT_IN(), "rcx");
	return (u64)high << 32 | low;
}

void x86_clock_start(void)
{
	start_tsc = arch_tsc();
}

static void cpuid(u32 leaf, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3])
			 : "a"(leaf), "c"(0));
}

/* The highest hypervisor leaf, 0 when there is no hypervisor; its signature in `name`. */
static u32 hypervisor(char name[13])
{
	u32 out[4];

	name[0] = '\0';
	cpuid(1, out);
	if (!(out[2] >> 31))
		return 0;
	cpuid(0x40000000, out);
	memcpy(name, &out[1], 12);
	name[12] = '\0';
	return out[0];
}

/* TSC ticks that a loop of 2 * rounds instructions takes. Not inlined: what stands around the loop
 * must be the same for every caller. */
static __attribute__((noinline)) u64 ticks_of_loop(u32 rounds)
{
	u64 start = arch_tsc();

	__asm__ volatile("1:\n\tdec %0\n\tjnz 1b" : "+r"(rounds)::"cc");
	return arch_tsc() - start;
}

/*
 * QEMU with `-icount shift=0` counts instructions in place of time: longer loops take exactly as
 * many ticks more as they have instructions more. Time itself does not do that four times over.
 */
static bool counts_instructions(void)
{
	u64 last = 0;

	for (u32 rounds = 100; rounds <= 500; rounds += 100) {
		u64 ticks = ticks_of_loop(rounds);

		if (last && ticks - last != 200)
			return false;
		last = ticks;
	}
	return true;
}

static const char *find_clock_kind(void)
{
	char name[13];

	hypervisor(name);
	if (!memcmp(name, "TCGTCGTCGTCG", 12))
		return counts_instructions() ? "icount" : "tcg";
	return memcmp(name, "KVMKVMKVM", 9) ? "native" : "kvm";
}

const char *arch_clock_kind(void)
{
	return clock_kind;
}

/* 0 when nobody tells. SDM volume 2, "CPUID", leaf 15H; 40000010H is the hypervisors' custom. */
static u64 told_khz(void)
{
	char name[13];
	u32 out[4];

	if (hypervisor(name) >= 0x40000010) {
		cpuid(0x40000010, out);
		return out[0];
	}
	cpuid(0, out);
	if (out[0] < 0x15)
		return 0;
	cpuid(0x15, out);
	return out[0] && out[1] ? (u64)out[2] * out[1] / out[0] / 1000 : 0;
}

static struct sample read_timer(void)
{
	u64 before = arch_tsc();

	x86_out8(PIT_COMMAND, PIT_CH2_LATCH);

	u64 after = arch_tsc();
	u16 low = x86_in8(PIT_CHANNEL_2), high = x86_in8(PIT_CHANNEL_2);

	return (struct sample){
		.tsc = before + (after - before) / 2,
		.width = after - before,
		.count = (u16)(high << 8 | low),
	};
}

/* The narrowest of a few readings: the others were interrupted by whoever else uses the machine. */
static struct sample sample_timer(void)
{
	struct sample best = read_timer();

	for (int i = 0; i < 7; i++) {
		struct sample next = read_timer();

		if (next.width < best.width)
			best = next;
	}
	return best;
}

static void start_timer(void)
{
	x86_out8(PORT_61, (x86_in8(PORT_61) & ~PORT_61_SPEAKER) | PORT_61_GATE);
	x86_out8(PIT_COMMAND, PIT_CH2_MODE_0);
	x86_out8(PIT_CHANNEL_2, 0xff);
	x86_out8(PIT_CHANNEL_2, 0xff);
}

/* 0 when there is no timer that counts, or when it ran out: a host may stop this machine for
 * longer than the 55 ms the timer lasts, which is then said in *expired. */
static u64 measure_once(bool *expired)
{
	struct sample first, last;
	unsigned polls = 0;

	start_timer();
	first = sample_timer();
	do
		last = read_timer();
	while ((u16)(first.count - last.count) < CALIBRATION_TICKS && ++polls < 100000);
	last = sample_timer();
	*expired = x86_in8(PORT_61) & PORT_61_OUT;

	u64 ticks = (u16)(first.count - last.count);

	if (*expired || ticks < CALIBRATION_TICKS)
		return 0;
	return (last.tsc - first.tsc) * PIT_HZ / ticks / 1000;
}

static u64 measured_khz(void)
{
	bool expired = true;
	u64 khz = 0;

	for (int tries = 0; tries < 3 && expired; tries++)
		khz = measure_once(&expired);
	return khz;
}

void x86_clock_init(void)
{
	u64 khz = told_khz();

	if (!khz)
		khz = measured_khz();
	if (khz)
		tsc_khz = khz;
	ns_per_tick_32 = (UINT64_C(1000000) << 32) / tsc_khz;
	boot_seconds = x86_cmos_seconds();
	clock_kind = find_clock_kind();
}

u64 arch_clock_ns(void)
{
	return (unsigned __int128)(arch_tsc() - start_tsc) * ns_per_tick_32 >> 32;
}

u64 arch_tsc_khz(void)
{
	return tsc_khz;
}

u64 arch_boot_seconds(void)
{
	return boot_seconds;
}
