/* SPDX-License-Identifier: MIT */
/* Pieces of cpu/ and trap/ that call one another, private to the arch. */
#pragma once

#include <arch/feature.h>
#include <arch/pagetable.h>
#include <quench/types.h>

struct trap_frame;

/* cpu/console.c: finds and programs both UARTs. Before it the lines swallow everything. */
void x86_console_init(void);
/* Waits until the last byte has left both lines. */
void x86_console_drain(void);

/* cpu/clock.c: time zero; then the rate of the TSC and the date (at most about 2 ms). */
void x86_clock_start(void);
void x86_clock_init(void);

/* cpu/cmos.c: seconds since 1970 as the battery clock shows, 0 when it shows nonsense. */
u64 x86_cmos_seconds(void);

/* A date of the Gregorian calendar, month and day from 1. */
struct x86_date {
	unsigned year, month, day, hour, minute, second;
};
/* cpu/calendar.c, PURE: seconds since 1970, UTC; 0 for no date of 1970 to 2199. */
u64 x86_date_seconds(const struct x86_date *date);

/* cpu/harden.c: CR4.OSXSAVE and XCR0 as the features say, on every processor before it runs any
 * patched code. */
void x86_enable_state(const struct feature_set *features);

/* cpu/pic.c: moves the legacy interrupt controllers off the exceptions and masks them. */
void x86_pic_init(void);

/* cpu/syscall_msrs.c: SYSCALL on, SYSENTER off. */
void x86_syscall_init(void);

/* trap/entry.asm: one 16-byte stub a vector. */
extern const u8 x86_trap_stubs[256][16];
/* trap/syscall.asm: where SYSCALL lands. */
void x86_syscall_entry(void);

/* trap/dispatch.c, from the entries. */
struct full_frame;
void x86_trap_dispatch(struct trap_frame *frame);
void x86_paranoid_dispatch(struct trap_frame *frame);
void x86_user_work(struct full_frame *frame);

/* cpu/init.c: CR0 and CR4 to what every 64-bit processor has and programs rely on. */
void x86_control_init(void);
/* cpu/harden.c: what arch_cpu_harden turned on, on another processor. */
void x86_harden_other(void);

/* mm/walk.c: one leaf entry, with the rights all its levels leave (enum arch_prot). */
typedef void (*x86_visit_fn)(void *context, vaddr_t address, u64 *entry, unsigned prot);
/* Calls visit for every present leaf below PML4 entries [first, last]. */
void x86_walk(paddr_t root, unsigned first, unsigned last, x86_visit_fn visit, void *context);
/* Whether the running tables map `address`. */
bool x86_is_mapped(vaddr_t address);
/* Drops every translation, global ones too. */
void x86_flush_all(void);
/* PTE_NX, or 0 where EFER.NXE is off. */
u64 x86_nx(void);
