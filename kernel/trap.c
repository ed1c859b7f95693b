/* SPDX-License-Identifier: MIT */
/* The one door through which the arch calls up: page faults, exceptions, interrupts, system calls.
 */
#include <arch/cpu.h>
#include <arch/trap_frame.h>
#include <asm/errno.h>
#include <asm/signal.h>
#include <kernel/extable/extable.h>
#include <kernel/lib/panic.h>
#include <kernel/mm/fault.h>
#include <kernel/proc/process.h>
#include <kernel/syscall/syscall.h>
#include <quench/format.h>
#include <quench/upcalls.h>

#define RFLAGS_AC UINT64_C(0x40000)

/* SDM volume 3, table "Protected-Mode Exceptions and Interrupts". */
enum {
	VECTOR_DE = 0,
	VECTOR_DB = 1,
	VECTOR_NMI = 2,
	VECTOR_BP = 3,
	VECTOR_UD = 6,
	VECTOR_DF = 8,
	VECTOR_NP = 11,
	VECTOR_SS = 12,
	VECTOR_GP = 13,
	VECTOR_MF = 16,
	VECTOR_AC = 17,
	VECTOR_MC = 18,
	VECTOR_XM = 19,
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

static int signal_of_cause(int cause)
{
	if (cause == -EIO)
		return SIGBUS;
	return cause == -ENOMEM ? SIGKILL : SIGSEGV;
}

static __noreturn void kill_for_fault(const struct trap_frame *frame, vaddr_t address, u64 error,
				      int cause)
{
	char why[96];

	format(why, sizeof(why), "cannot %s address 0x%lx, %s", access_name(error), address,
	       cause_text(cause));
	process_kill(signal_of_cause(cause), frame, why);
}

static int mend(vaddr_t address, u64 error)
{
	return aspace_fault(task_current()->aspace, address, access_of(error));
}

void kernel_page_fault(struct trap_frame *frame, vaddr_t address, u64 error)
{
	const struct fault_facts facts = {
		.address = address,
		.error = error,
		.from_user = trap_from_user(frame),
		.smap = feature_test(&arch_cpu_report()->features, FEATURE_SMAP),
		.ac = frame->rflags & RFLAGS_AC,
		.covered = !trap_from_user(frame) && extable_covers(frame->rip),
		.has_aspace = task_current() && task_current()->aspace,
	};
	enum fault_verdict verdict = fault_judge(&facts);
	int cause = -EPERM;

	if (verdict == FAULT_MEND_OR_SIGNAL || verdict == FAULT_MEND_OR_FIXUP)
		cause = mend(address, error);
	if (!cause)
		return;
	if (facts.from_user && verdict != FAULT_BUG_RESERVED)
		kill_for_fault(frame, address, error, cause);
	if ((verdict == FAULT_MEND_OR_FIXUP || verdict == FAULT_FIXUP) && extable_fixup(frame))
		return;
	panic_at(frame, "page fault: %s (%s of 0x%lx, error 0x%lx)", fault_text(verdict),
		 access_name(error), address, error);
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

/* The signal Linux sends for an exception in a program. */
static int signal_of(u64 vector)
{
	switch (vector) {
	case VECTOR_DE:
	case VECTOR_MF:
	case VECTOR_XM:
		return SIGFPE;
	case VECTOR_DB:
	case VECTOR_BP:
		return SIGTRAP;
	case VECTOR_UD:
		return SIGILL;
	case VECTOR_NP:
	case VECTOR_SS:
	case VECTOR_AC:
		return SIGBUS;
	default:
		return SIGSEGV;
	}
}

static __noreturn void kill_for_exception(const struct trap_frame *frame)
{
	char why[96];

	format(why, sizeof(why), "%s, error 0x%lx", exception_name(frame->vector), frame->error);
	process_kill(signal_of(frame->vector), frame, why);
}

void kernel_exception(struct trap_frame *frame)
{
	bool machine = frame->vector == VECTOR_DF || frame->vector == VECTOR_MC;

	/* Nobody asks for one yet: it must only do no harm. */
	if (frame->vector == VECTOR_NMI)
		return;
	if (trap_from_user(frame) && !machine)
		kill_for_exception(frame);
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
