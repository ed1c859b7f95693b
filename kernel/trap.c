/* SPDX-License-Identifier: MIT */
/* The one door through which the arch calls up: page faults, exceptions, interrupts, system calls.
 */
#include <arch/alternative.h>
#include <arch/cpu.h>
#include <arch/signal_frame.h>
#include <arch/trap_frame.h>
#include <asm/errno.h>
#include <kernel/extable/extable.h>
#include <kernel/extable/fixup.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/fault.h>
#include <kernel/proc/process.h>
#include <kernel/signal/signal.h>
#include <kernel/syscall/syscall.h>
#include <linux/signal.h>
#include <quench/format.h>
#include <quench/upcalls.h>

#define RFLAGS_AC UINT64_C(0x40000)

/* SDM volume 3, table "Protected-Mode Exceptions and Interrupts". */
enum {
	VECTOR_NMI = 2,
	VECTOR_DF = 8,
	VECTOR_SS = 12,
	VECTOR_GP = 13,
	VECTOR_MC = 18,
};

static const char *access_name(u64 error)
{
	if (error & FAULT_FETCH)
		return "run";
	return error & FAULT_WRITE ? "write" : "read";
}

static enum aspace_access access_of(u64 error)
{
	if (error & FAULT_FETCH)
		return ASPACE_FETCH;
	return error & FAULT_WRITE ? ASPACE_WRITE : ASPACE_READ;
}

static const char *cause_text(int cause)
{
	switch (cause) {
	case -EPERM:
		return "it is not the program's";
	case -EACCES:
		return "its protection forbids that";
	case -EIO:
		return "it lies beyond the end of the mapped file";
	case -ENOMEM:
		return "memory is out";
	default:
		return "nothing is mapped there";
	}
}

/* What nobody catches, in words, as the program's end. */
static __noinline __noreturn void kill_for_fault(const struct trap_frame *frame, vaddr_t address,
						 u64 error, int cause, int signal)
{
	char why[96];

	format(why, sizeof(why), "cannot %s address 0x%lx, %s", access_name(error), address,
	       cause_text(cause));
	process_kill(signal, frame, why);
}

/* The program's page fault, that nothing could mend, as a signal. */
static void signal_page_fault(const struct trap_frame *frame, vaddr_t address, u64 error, int cause)
{
	/* Of addresses that are not its own a program learns nothing but that. */
	const struct signal_fault fault = {
		.signal = cause == -EIO ? SIGBUS : SIGSEGV,
		.code = cause == -EIO      ? BUS_ADRERR
			: cause == -EACCES ? SEGV_ACCERR
					   : SEGV_MAPERR,
		.address = address,
		.trap_address = address,
		.trap_error = error | FAULT_USER | (cause == -EPERM ? FAULT_PRESENT : 0),
	};

	if (cause == -ENOMEM)
		kill_for_fault(frame, address, error, cause, SIGKILL);
	if (!signal_force(frame, &fault))
		kill_for_fault(frame, address, error, cause, fault.signal);
}

static __noinline __noreturn void page_fault_panic(const struct trap_frame *frame, vaddr_t address,
						   u64 error, enum fault_verdict verdict)
{
	panic_at(frame, "page fault: %s (%s of 0x%lx, error 0x%lx)", fault_text(verdict),
		 access_name(error), address, error);
}

static int mend(vaddr_t address, u64 error)
{
	return aspace_fault(task_current()->aspace, address, access_of(error));
}

void kernel_user_page_fault(struct trap_frame *frame, vaddr_t address, u64 error)
{
	const struct fault_facts facts = { .address = address, .error = error, .from_user = true };
	enum fault_verdict verdict = fault_judge(&facts);
	int cause = -EPERM;

	if (likely(verdict == FAULT_MEND_OR_SIGNAL))
		cause = mend(address, error);
	if (likely(!cause))
		return;
	if (verdict == FAULT_BUG_RESERVED)
		page_fault_panic(frame, address, error, verdict);
	signal_page_fault(frame, address, error, cause);
}

void kernel_page_fault(struct trap_frame *frame, vaddr_t address, u64 error)
{
	const struct extable_entry *entry = extable_find(frame->rip);
	const struct fault_facts facts = {
		.address = address,
		.error = error,
		.smap = cpu_has(FEATURE_SMAP),
		.ac = frame->rflags & RFLAGS_AC,
		.covered = entry,
		.has_aspace = task_current() && task_current()->aspace,
	};
	enum fault_verdict verdict = fault_judge(&facts);

	if (likely(verdict == FAULT_MEND_OR_FIXUP) && !mend(address, error))
		return;
	if (verdict != FAULT_MEND_OR_FIXUP && verdict != FAULT_FIXUP)
		page_fault_panic(frame, address, error, verdict);
	extable_redirect(entry, frame, address);
}

static const char *exception_name(u64 vector)
{
	static const char *const names[] = {
		"#DE divide error",
		"#DB debug",
		"NMI",
		"#BP breakpoint",
		"#OF overflow",
		"#BR bound range",
		"#UD invalid opcode",
		"#NM no FPU",
		"#DF double fault",
		"vector 9",
		"#TS invalid TSS",
		"#NP segment not present",
		"#SS stack segment",
		"#GP general protection",
		"#PF page fault",
		"vector 15",
		"#MF x87 error",
		"#AC alignment check",
		"#MC machine check",
		"#XM SIMD error",
		"#VE virtualisation",
		"#CP control protection",
	};

	return vector < ARRAY_SIZE(names) ? names[vector] : "unknown exception";
}

/* The program's exception as a signal. */
static void signal_exception(const struct trap_frame *frame)
{
	const struct arch_exception exception = arch_exception_of(frame);
	const struct signal_fault fault = {
		.signal = exception.signal,
		.code = exception.code,
		.address = exception.address,
		.trap_error = frame->error,
	};
	char why[96];

	if (signal_force(frame, &fault))
		return;
	format(why, sizeof(why), "%s, error 0x%lx", exception_name(frame->vector), frame->error);
	process_kill(fault.signal, frame, why);
}

void kernel_exception(struct trap_frame *frame)
{
	bool machine = frame->vector == VECTOR_DF || frame->vector == VECTOR_MC;

	/* Nobody asks for one yet: it must only do no harm. */
	if (frame->vector == VECTOR_NMI)
		return;
	if (trap_from_user(frame) && !machine) {
		signal_exception(frame);
		return;
	}
	if ((frame->vector == VECTOR_GP || frame->vector == VECTOR_SS) && extable_fixup(frame))
		return;
	panic_at(frame, "%s, error 0x%lx", exception_name(frame->vector), frame->error);
}

/* No device interrupts are asked for yet; a spurious one is nothing. */
void kernel_interrupt(struct trap_frame *frame)
{
}

void kernel_syscall(struct trap_frame *frame)
{
	/* The frame holds the arguments as struct syscall does: nothing is copied. */
	const struct syscall *call = (const struct syscall *)trap_arguments(frame);

	frame->rax = (u64)syscall_run((u32)frame->rax, call);
}
