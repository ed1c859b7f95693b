/* SPDX-License-Identifier: MIT */
/* What a panic shows of the processor: registers and the chain of callers. */
#include <arch/cpu.h>
#include <arch/trap_frame.h>
#include <quench/log.h>
#include <x86/machine.h>
#include <x86/registers.h>

#define BACKTRACE_MAX 32

/* Whether two words at `rbp` can be read; a broken chain must not fault while panicking. */
static bool readable(u64 rbp)
{
	return rbp % 8 == 0 && rbp >> 47 == 0x1ffff && x86_is_mapped(rbp) &&
	       x86_is_mapped(rbp + 15);
}

void arch_backtrace(u64 rbp, void (*visit)(u64 address))
{
	for (int depth = 0; depth < BACKTRACE_MAX && readable(rbp); depth++) {
		const u64 *link = (const u64 *)rbp;

		if (link[1])
			visit(link[1]);
		if (link[0] <= rbp) /* a caller's frame lies higher */
			return;
		rbp = link[0];
	}
}

void arch_print_frame(const struct trap_frame *frame)
{
	log_line("  vector %lu error 0x%lx rip 0x%016lx cs 0x%lx rflags 0x%lx", frame->vector,
		 frame->error, frame->rip, frame->cs, frame->rflags);
	log_line("  rax 0x%016lx rcx 0x%016lx rdx 0x%016lx", frame->rax, frame->rcx, frame->rdx);
	log_line("  rsi 0x%016lx rdi 0x%016lx rsp 0x%016lx", frame->rsi, frame->rdi, frame->rsp);
	log_line("  r8  0x%016lx r9  0x%016lx r10 0x%016lx", frame->r8, frame->r9, frame->r10);
	log_line("  r11 0x%016lx ss 0x%lx", frame->r11, frame->ss);
	log_line("  cr0 0x%lx cr2 0x%lx cr3 0x%lx cr4 0x%lx efer 0x%lx", x86_read_cr0(),
		 x86_read_cr2(), x86_read_cr3(), x86_read_cr4(), x86_read_msr(MSR_EFER));
}
