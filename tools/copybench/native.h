/* SPDX-License-Identifier: MIT */
/*
 * The kernel's copy routines in a process: the same objects, chosen for the processor by the same
 * policy, patched by the same plan, with SIGSEGV in the place of the page fault. A program that
 * uses it is linked with sections.ld. User mode; touches its own text and signal handlers only.
 */
#pragma once

#include <kernel/extable/resolve.h>
#include <x86/cpu_features.h>
#include <x86/cpu_policy.h>

struct native_cpu {
	struct cpu_identity identity;
	/* As the kernel would have them, but SMAP: stac and clac are undefined in user mode. */
	struct feature_set features;
	struct copy_choice choice; /* already among the features */
	u64 constants[NR_ALT_CONSTANTS];
};

/* The processor this runs on. `copy_name` as in copy=NAME, NULL: what policy says. 0, or -EINVAL
 * with a sentence in `error`. */
int native_detect(struct native_cpu *cpu, const char *copy_name, char *error, size_t error_bytes);

struct native_patched {
	size_t sites, changed;
	struct extable_counts extable;
};

/*
 * Gives every site of the executable the bytes it has with `features` and NR_ALT_CONSTANTS values
 * of the runtime constants, then resolves and sorts its
 * exception table. Text is writable meanwhile, at no other time. Starts from the default code and
 * the table as linked, so that it may be called again with other features; no other thread may
 * run. NULL, or a static phrase of what is wrong: nothing must be run of the routines then.
 */
const char *native_patch(const struct feature_set *features, const u64 *constants,
			 struct native_patched *patched);

/* How many faults went to a fixup since the program began. */
struct native_faults {
	u64 page;    /* an address without a mapping or without the right */
	u64 general; /* a non-canonical address */
};
extern volatile struct native_faults native_faults;

/* From here on a SIGSEGV or SIGBUS at an instruction of the exception table goes on at its fixup;
 * any other ends the program as it always does. After native_patch. */
void native_catch_faults(void);
