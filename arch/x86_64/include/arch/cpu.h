/* SPDX-License-Identifier: MIT */
/* The processor as kernel/ sees it: identity, features, interrupts, time, sealing, the end. */
#pragma once

#include <arch/feature.h>
#include <arch/percpu.h>
#include <quench/compiler.h>
#include <quench/types.h>

/* One CPUID answer. SDM volume 2, "CPUID—CPU Identification". */
struct cpuid_row {
	u32 leaf, subleaf;
	u32 eax, ebx, ecx, edx;
};

struct cpu_identity {
	char vendor[13];
	char brand[49]; /* "" when the processor has none */
	u32 family, model, stepping;
};

/* From how many bytes on; 0: never. Below 2^31. */
struct copy_thresholds {
	u32 copy_rep;    /* a copy goes by string instructions */
	u32 copy_stream; /* a copy passes the caches */
	u32 clear_rep;   /* clearing goes by string instructions */
};

/* What arch_cpu_detect found, for reports; constant from patching on. */
struct cpu_report {
	struct cpu_identity identity;
	const struct cpuid_row *rows; /* every leaf and subleaf read */
	size_t nr_rows;
	struct feature_set features; /* after masks, quirks and policy */
	const char *copy_name;       /* the copy variant policy or copy= chose */
	const char *copy_why;        /* in a few words */
	const u64 *constants;        /* NR_ALT_CONSTANTS values for alternatives_apply */
};

/*
 * Reads CPUID, judges features whole, applies the command line's cpu= and copy= lists (NULL:
 * none), then the copy policy, and turns on the registers that the features need (XCR0). 0, or
 * -EINVAL with a message naming the word in `error`.
 */
int arch_cpu_detect(const char *cpu_list, const char *copy_name, char *error, size_t error_bytes);
const struct cpu_report *arch_cpu_report(void);
/* A feature that the copy variant chosen by `copy_feature` (FEATURE_COPY_*, or -1) cannot do
 * without and this processor lacks, or -1: it runs. */
int arch_copy_lacks(int copy_feature);
/* Takes what was measured in place of the policy's choice: a variant that runs here. `cliff`: rep
 * movsb has one. Boot context, before alternatives_apply. */
void arch_cpu_choose_copy(const char *name, const struct copy_thresholds *thresholds, bool cliff);

/* Descriptor tables, traps, SYSCALL MSRs and per-CPU data for the boot CPU. Before it every
 * exception is a triple fault. */
void arch_cpu_init(void);
/* After patching: sets CR4's SMEP, SMAP, UMIP, FSGSBASE as the features say. */
void arch_cpu_harden(void);
/* CR0.WP=1; from here on CR0 and CR4 writes keep WP, SMEP, SMAP and UMIP. */
void arch_cpu_seal(void);
/* Writes one byte to the kernel's text. True when it faulted, as it must. */
bool arch_cpu_probe_text(void);
bool arch_cpu_wp(void); /* CR0.WP as the processor holds it */

static inline void arch_interrupts_off(void)
{
	__asm__ volatile("cli" ::: "memory");
}
static inline void arch_interrupts_on(void)
{
	__asm__ volatile("sti" ::: "memory");
}
/* Off; returns what arch_interrupts_restore wants. */
static inline u64 arch_interrupts_save(void)
{
	u64 flags;

	__asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags)::"memory");
	return flags;
}
static inline void arch_interrupts_restore(u64 flags)
{
	if (flags & 0x200)
		arch_interrupts_on();
}

/* The time stamp counter, read in program order. */
u64 arch_tsc(void);
/* Nanoseconds since boot, from the TSC calibrated at boot; and its rate. */
u64 arch_clock_ns(void);
u64 arch_tsc_khz(void);
/* Seconds since 1970 as the CMOS clock showed at boot. */
u64 arch_boot_seconds(void);
/* "tcg", "kvm" or "native", from the hypervisor leaves; "icount" under TCG when a TSC tick is
 * exactly one instruction. After arch_cpu_init. */
const char *arch_clock_kind(void);

/* FS base of the running program (arch_prctl); the caller has checked the address. */
void arch_set_fs_base(u64 base);
u64 arch_fs_base(void);
void arch_set_gs_base(u64 base);
u64 arch_gs_base(void);

/* Bytes of the auxiliary vector: AT_HWCAP (CPUID.1:EDX), AT_HWCAP2. */
u64 arch_hwcap(void);
u64 arch_hwcap2(void);

/* How a run ended, as the byte for QEMU's isa-debug-exit at port 0xf4. */
enum arch_verdict { ARCH_PASS = 0x10, ARCH_FAIL = 0x21, ARCH_PANIC = 0x31 };
enum arch_exit { ARCH_EXIT_DEBUG, ARCH_EXIT_POWEROFF, ARCH_EXIT_REBOOT };
/* Ends the machine: verdict to port 0xf4, then `how`; where it still runs, halts for good. */
__noreturn void arch_exit(enum arch_verdict verdict, enum arch_exit how);

struct trap_frame;
/* Walks the frame pointers from `rbp` and calls `visit` with each return address. */
void arch_backtrace(u64 rbp, void (*visit)(u64 address));
/* Prints the frame's registers, and the control registers, on the console. */
void arch_print_frame(const struct trap_frame *frame);
