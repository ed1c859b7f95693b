/* SPDX-License-Identifier: MIT */
/* The machine's processors: starting them, interrupting them, and halting when idle. */
#pragma once

#include <arch/feature.h>
#include <arch/percpu.h>
#include <arch/task.h>
#include <quench/compiler.h>
#include <quench/cpumask.h>
#include <quench/types.h>

struct arch_smp_report {
	unsigned present;      /* processors the firmware lists as usable; 1 without a MADT */
	unsigned cpus;         /* that run the kernel */
	unsigned refused;      /* lack a feature the text was patched for */
	unsigned silent;       /* never answered, or were not wanted (smp=N) */
	bool x2apic, deadline; /* modes of the local APICs and their timers */
	u64 timer_khz;         /* of the APIC timer; 0 with `deadline` */
	u64 tsc_behind;        /* ticks one time stamp counter was seen behind another at most */
	int lacking;           /* the first feature the first refused one lacks, else -1 */
};

/*
 * Boot CPU: its local APIC (NMI through LINT1, error and spurious vectors) and timer. After
 * arch_clock is known, before arch_seal_mappings. Returns NULL, or why there is only one CPU and no
 * timer. Boot context, once.
 */
const char *arch_smp_init(void);

/*
 * Starts the others, one after the other, `limit` processors at most with the boot CPU (0: all).
 * Each compares its features with those the text was patched for, hardens and seals itself, proves
 * CR0.WP, and calls kernel_cpu_main. ap_list: features taken from every one before the
 * comparison, as in cpu= (NULL: none; for tests). After the seal; interrupts may be on.
 */
void arch_smp_start(unsigned limit, const char *ap_list);
const struct arch_smp_report *arch_smp_report(void);

/* Processors that run, 0 to n-1; constant after arch_smp_start. */
unsigned arch_cpu_count(void);

/* Makes `cpu` leave hlt or user mode and look at its task's work. Any context. */
void arch_kick(unsigned cpu);

/*
 * Calls fn(argument) on every processor of the set, this one included if it is in it, with
 * interrupts off there, and returns when all have. fn must not wait for anybody. Preemption
 * disabled; interrupts must be ON, or no spin lock held that another waits for with them off.
 */
void arch_call_on(const struct cpumask *cpus, void (*fn)(void *argument), void *argument);

/* Stops all other processors for good: panic. Any context. */
void arch_stop_others(void);

/*
 * Halts until the next interrupt: interrupts off at the call, on at the return. The caller has
 * looked for work after it turned them off, so none is missed.
 */
void arch_halt(void);
