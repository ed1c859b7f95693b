/* SPDX-License-Identifier: MIT */
/* From CPUID's answers to the features the kernel may use, and the command line's say. PURE. */
#pragma once

#include <arch/cpu.h>

enum cpu_vendor {
	CPU_VENDOR_OTHER,
	CPU_VENDOR_INTEL,
	CPU_VENDOR_AMD,
	CPU_VENDOR_HYGON,
	CPU_VENDOR_CENTAUR,
	CPU_VENDOR_ZHAOXIN,
};

/* State components, bits of XCR0. SDM volume 1, "XSAVE-Supported Features and State-Component
 * Bitmaps". */
#define XSTATE_X87    UINT64_C(0x1)
#define XSTATE_SSE    UINT64_C(0x2)
#define XSTATE_AVX    UINT64_C(0x4)
#define XSTATE_MPX    UINT64_C(0x18)
#define XSTATE_AVX512 UINT64_C(0xe0)
#define XSTATE_AMX    UINT64_C(0x60000)
/* What this kernel is ready to turn on in XCR0 where the processor has it. */
#define CPU_XCR0_KERNEL          (XSTATE_X87 | XSTATE_SSE | XSTATE_AVX | XSTATE_AVX512)

#define MISC_ENABLE_FAST_STRINGS (UINT64_C(1) << 0)
#define MISC_ENABLE_LIMIT_CPUID  (UINT64_C(1) << 22)

/* What the verdict needs beside CPUID. */
struct cpu_controls {
	u64 xcr0;               /* state components the kernel is ready to turn on */
	bool misc_enable_known; /* IA32_MISC_ENABLE could be read */
	u64 misc_enable;
};

/* The raw bits as CPUID shows them, and what may be used: they differ where a bit needs more
 * than itself (docs/features.md, "Judged whole"). */
struct cpu_facts {
	struct cpu_identity identity;
	enum cpu_vendor vendor;
	struct feature_set raw;    /* no synthetic feature among them */
	struct feature_set judged; /* with synthetic facts, without COPY_* */
};

/* A feature's place in CPUID. Synthetic features have leaf CPUID_NOWHERE. */
struct feature_place {
	u32 leaf, subleaf;
	u8 reg; /* 0 EAX, 1 EBX, 2 ECX, 3 EDX */
	u8 bit;
};
#define CPUID_NOWHERE 0xffffffff
struct feature_place feature_place(unsigned feature);
/* One line of text for people, or NULL when out of range. */
const char *feature_text(unsigned feature);

/* The bits of `rows` as they stand, whatever the leaf's range says. */
void feature_read_raw(const struct cpuid_row *rows, size_t n, struct feature_set *raw);

enum cpu_vendor cpu_vendor_of(const struct cpu_identity *identity);

/* Rows and controls -> facts. */
void cpu_judge(const struct cpuid_row *rows, size_t n, const struct cpu_controls *controls,
	       struct cpu_facts *facts);

/* Takes away every feature whose prerequisites are not in the set, until none is left. */
void feature_close(struct feature_set *set);
/* A prerequisite `feature` lacks in the set, or -1. */
int feature_missing(const struct feature_set *set, unsigned feature);

/* Adds the facts known by vendor, family and model (FAST_UNALIGNED, REP_GOOD, REP_MOVS_CLIFF)
 * and takes away what errata make unusable. FAST_STRINGS is already decided. */
void cpu_quirks(const struct cpu_identity *identity, enum cpu_vendor vendor,
		struct feature_set *set);

/* A feature this kernel cannot run without and `set` lacks, or -1. */
int cpu_lacks(const struct feature_set *set);

/*
 * Applies a list such as "-smap,+erms" to *set, left to right; NULL or "" changes nothing.
 * Taking a feature away takes away all that builds on it. Adding one the processor lacks works
 * where its instructions exist anyway (string and synthetic features). 0, or -EINVAL with a
 * sentence that names the word in `error`; *set is then unchanged.
 */
int cpu_list_apply(const char *list, struct feature_set *set, char *error, size_t error_bytes);
