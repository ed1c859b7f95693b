/* SPDX-License-Identifier: MIT */
/* Control registers, flags and model-specific registers, and the instructions that reach them. */
#pragma once

#include <quench/types.h>

/* SDM volume 3, "Control Registers". */
#define CR0_PE         UINT64_C(0x1)
#define CR0_MP         UINT64_C(0x2)
#define CR0_EM         UINT64_C(0x4)
#define CR0_TS         UINT64_C(0x8)
#define CR0_NE         UINT64_C(0x20)
#define CR0_WP         UINT64_C(0x10000)
#define CR0_AM         UINT64_C(0x40000)
#define CR0_PG         UINT64_C(0x80000000)

#define CR4_PAE        UINT64_C(0x20)
#define CR4_PGE        UINT64_C(0x80)
#define CR4_OSFXSR     UINT64_C(0x200)
#define CR4_OSXMMEXCPT UINT64_C(0x400)
#define CR4_UMIP       UINT64_C(0x800)
#define CR4_FSGSBASE   UINT64_C(0x10000)
#define CR4_OSXSAVE    UINT64_C(0x40000)
#define CR4_SMEP       UINT64_C(0x100000)
#define CR4_SMAP       UINT64_C(0x200000)

/* SDM volume 1, "XCR0, the Extended Control Register". */
#define XCR0_X87    UINT64_C(0x1)
#define XCR0_SSE    UINT64_C(0x2)
#define XCR0_AVX    UINT64_C(0x4)
#define XCR0_AVX512 UINT64_C(0xe0) /* opmask, ZMM_Hi256 and Hi16_ZMM: all or none */

/* SDM volume 1, "EFLAGS Register". */
#define RFLAGS_CF    UINT64_C(0x1)
#define RFLAGS_FIXED UINT64_C(0x2)
#define RFLAGS_PF    UINT64_C(0x4)
#define RFLAGS_AF    UINT64_C(0x10)
#define RFLAGS_ZF    UINT64_C(0x40)
#define RFLAGS_SF    UINT64_C(0x80)
#define RFLAGS_TF    UINT64_C(0x100)
#define RFLAGS_IF    UINT64_C(0x200)
#define RFLAGS_DF    UINT64_C(0x400)
#define RFLAGS_OF    UINT64_C(0x800)
#define RFLAGS_IOPL  UINT64_C(0x3000)
#define RFLAGS_NT    UINT64_C(0x4000)
#define RFLAGS_RF    UINT64_C(0x10000)
#define RFLAGS_AC    UINT64_C(0x40000)
#define RFLAGS_ID    UINT64_C(0x200000)
/* What a program may hold in its flags; IOPL, VM and the virtual interrupt flags it may not. */
#define RFLAGS_USER                                                                          \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_DF | \
	 RFLAGS_OF | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

/* SDM volume 4, "Architectural MSRs"; APM volume 2, "System-Call Extension Registers". */
#define MSR_APIC_BASE      0x1b
#define MSR_SYSENTER_CS    0x174
#define MSR_SYSENTER_ESP   0x175
#define MSR_SYSENTER_EIP   0x176
#define MSR_TSC_DEADLINE   0x6e0
#define MSR_X2APIC         0x800 /* and up: one for every 16 bytes of the register page */
#define MSR_XSS            0xda0
#define MSR_EFER           0xc0000080
#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102

#define EFER_SCE           UINT64_C(0x1)
#define EFER_LME           UINT64_C(0x100)
#define EFER_LMA           UINT64_C(0x400)
#define EFER_NXE           UINT64_C(0x800)
#define APIC_BASE_X2APIC   UINT64_C(0x400)
#define APIC_BASE_ENABLE   UINT64_C(0x800)

static inline u64 x86_read_cr0(void)
{
	u64 value;

	__asm__ volatile("mov %%cr0, %0" : "=r"(value)::"memory");
	return value;
}

static inline u64 x86_read_cr2(void)
{
	u64 value;

	__asm__ volatile("mov %%cr2, %0" : "=r"(value)::"memory");
	return value;
}

static inline u64 x86_read_cr3(void)
{
	u64 value;

	__asm__ volatile("mov %%cr3, %0" : "=r"(value)::"memory");
	return value;
}

static inline void x86_write_cr3(u64 value)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

static inline u64 x86_read_cr4(void)
{
	u64 value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value)::"memory");
	return value;
}

/* The only ways to CR0 and CR4 (cpu/control.c): bits pinned by the hardening stay set. */
void x86_write_cr0(u64 value);
void x86_write_cr4(u64 value);
/* Adds bits that every later write keeps. Boot, before the mappings are sealed. */
void x86_pin_cr0(u64 bits);
void x86_pin_cr4(u64 bits);

static inline u64 x86_read_msr(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return (u64)high << 32 | low;
}

static inline void x86_write_msr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"(value & 0xffffffff), "d"(value >> 32) : "memory");
}

static inline void x86_write_xcr0(u64 value)
{
	__asm__ volatile("xsetbv" ::"c"(0), "a"(value & 0xffffffff), "d"(value >> 32) : "memory");
}

static inline void x86_flush_page(vaddr_t address)
{
	__asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
}
