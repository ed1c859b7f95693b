/* SPDX-License-Identifier: MIT */
/* The registers behind SYSCALL and SYSRET. SDM volume 2, "SYSCALL—Fast System Call". */
#include <x86/descriptors.h>
#include <x86/machine.h>
#include <x86/registers.h>

/* Cleared at the entry: no interrupt before the stack is switched, no trap, no alignment check
 * and no user access in the kernel, strings forwards, IRET free of nested-task faults. */
#define SFMASK                                                                               \
	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_TF | RFLAGS_IF | \
	 RFLAGS_DF | RFLAGS_OF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

void x86_syscall_init(void)
{
	x86_write_msr(MSR_STAR, (u64)X86_USER_CS32 << 48 | (u64)X86_KERNEL_CS << 32);
	x86_write_msr(MSR_LSTAR, (u64)x86_syscall_entry);
	x86_write_msr(MSR_CSTAR, (u64)x86_syscall_entry); /* 32-bit SYSCALL: no such segment */
	x86_write_msr(MSR_SFMASK, SFMASK);
	x86_write_msr(MSR_EFER, x86_read_msr(MSR_EFER) | EFER_SCE);
	/* A null segment makes SYSENTER fault with #GP in the program. */
	x86_write_msr(MSR_SYSENTER_CS, 0);
	x86_write_msr(MSR_SYSENTER_ESP, 0);
	x86_write_msr(MSR_SYSENTER_EIP, 0);
}
