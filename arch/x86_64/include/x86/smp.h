/* SPDX-License-Identifier: MIT */
/* Pieces of smp/ that call one another, and the entries' ways into it. */
#pragma once

#include <quench/boot_info.h>
#include <quench/cpumask.h>
#include <quench/types.h>
#include <x86/acpi.h>
#include <x86/percpu.h>

/* smp/machine.c, at boot while all tables can be reached: which processors there are, and a page
 * below 1 MiB for the others' first steps. */
struct x86_machine {
	struct acpi_cpus cpus;
	const char *why;    /* no processors were found because...; NULL: they were */
	paddr_t trampoline; /* 0: no page is free */
};
extern struct x86_machine x86_machine;
void x86_machine_find(const struct boot_window *memory, const struct boot_info *info);

/* smp/apic.c */
enum x86_delivery {
	DELIVER_FIXED = 0x000,
	DELIVER_NMI = 0x400,
	DELIVER_INIT = 0x500,
	DELIVER_STARTUP = 0x600,
};
/* Turns on this processor's APIC with everything masked but NMI, errors and IPIs. */
bool x86_apic_usable(void);
void x86_apic_find(paddr_t page);
void x86_apic_init(void);
bool x86_apic_is_x2(void);
u32 x86_apic_id(void);
void x86_apic_eoi(void);
void x86_apic_error(void);
/* An interrupt for the processor with this APIC ID. */
void x86_ipi(u32 apic_id, enum x86_delivery delivery, u8 vector);

/* smp/timer.c: calibrates, boot CPU; programs this processor's. */
void x86_timer_calibrate(void);
void x86_timer_init(void);
bool x86_timer_is_deadline(void);
u64 x86_timer_khz(void);
/* Registers of the timer, by smp/apic.c. */
void x86_apic_timer_mode(u32 vector, bool deadline, bool masked);
void x86_apic_timer_count(u32 count);
u32 x86_apic_timer_left(void);

/* smp/tsc.c: the boot CPU and the one that starts read their time stamp counters by turns; how many
 * ticks one was seen behind the other at most, 0: they agree. Interrupts off on the other. */
u64 x86_tsc_compare(void);
void x86_tsc_be_compared(void);
/* smp/ipi.c */
void x86_resched_arrived(void);
void x86_calls_run(void);
void x86_nmi(void);
/* The other processors have been stopped: locks they hold are nobody's. */
bool x86_is_stopping(void);

/* smp/tlb.c: every processor lets go of it; its tables may be freed. */
struct arch_aspace;
void x86_aspace_leave(struct arch_aspace *aspace);

/* The block of each processor that has been made, NULL else. */
extern struct x86_cpu *x86_cpus[MAX_CPUS];
/* How many run; 1 until the others are started. */
extern unsigned x86_nr_cpus;

/* smp/features.c, PURE: a feature of `needed` that `found` lacks, or -1. */
struct feature_set;
int smp_lacks(const struct feature_set *needed, const struct feature_set *found);
