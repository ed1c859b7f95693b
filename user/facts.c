// SPDX-License-Identifier: MIT
/* Facts of Linux's interface that belong to no one call: flags and steps across system calls, what
 * may be executed, what execve leaves behind, segment bases, and that the calls programs need are
 * there. Every check holds on Linux too. TAP on standard output; next to it lies `fresh`. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/ucontext.h>
#include <sys/wait.h>

#include "tap.h"

#define FLAG_TF 0x100UL
#define FLAG_DF 0x400UL
#define FLAG_NT 0x4000UL
#define FLAG_AC 0x40000UL

static sigjmp_buf out;
static volatile int steps;
static volatile siginfo_t last;

static void leave(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	memcpy((void *)&last, info, sizeof(last));
	siglongjmp(out, 1);
}

static void step(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	steps++;
}

static void catch (int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(signal, &action, NULL);
}

static char *pages(size_t count, int protection)
{
	char *area = mmap(NULL, count * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		_exit(3);
	return area;
}

/* The flags behind a system call made with `flags`; with TF every instruction is a step. */
static unsigned long flags_across(unsigned long flags, long number)
{
	unsigned long after;

	__asm__ volatile("pushfq\n\torq %1, (%%rsp)\n\tpopfq\n\tnop\n\tsyscall\n\tnop\n\t"
			 "pushfq\n\tpopq %0\n\tpushq $0x202\n\tpopfq\n\tnop"
			 : "=&r"(after), "+r"(flags), "+a"(number)::"rcx", "r11", "memory", "cc");
	return after;
}

static void check_flags(void)
{
	static const unsigned long bits[] = { FLAG_TF, FLAG_DF, FLAG_NT, FLAG_AC };
	const unsigned long all = FLAG_TF | FLAG_DF | FLAG_NT | FLAG_AC;
	char name[64];

	catch (SIGTRAP, step);
	for (unsigned mix = 0; mix < 16; mix++) {
		unsigned long flags = 0;

		for (unsigned i = 0; i < 4; i++)
			flags |= mix >> i & 1 ? bits[i] : 0;
		steps = 0;
		snprintf(name, sizeof(name), "flags %#lx are kept across a call", flags);
		tap_answer(name, (long)(flags_across(flags, SYS_getpid) & all), (long)flags);
		snprintf(name, sizeof(name), "and each instruction %s",
			 flags & FLAG_TF ? "traps" : "does not trap");
		tap_true(name, flags & FLAG_TF ? steps >= 5 : !steps);
	}
	signal(SIGTRAP, SIG_DFL);
}

static void call(const char *name, void *code)
{
	catch (SIGSEGV, leave);
	if (!sigsetjmp(out, 1)) {
		((void (*)(void))code)();
		tap_true(name, 0);
	} else {
		tap_true(name, last.si_signo == SIGSEGV && last.si_code == SEGV_ACCERR &&
				       last.si_addr == code);
	}
	signal(SIGSEGV, SIG_DFL);
}

static char in_data[16] = { (char)0xc3 };

static void check_execution(void)
{
	char on_stack[16] = { (char)0xc3 }, *on_heap = strdup("\xc3"), *mapped;

	call("code on the stack is refused", on_stack);
	call("code on the heap is refused", on_heap);
	call("code in the data is refused", in_data);
	mapped = pages(1, PROT_READ | PROT_WRITE);
	mapped[0] = (char)0xc3;
	call("code in a mapping is refused", mapped);
	mprotect(mapped, PAGE, PROT_READ | PROT_EXEC);
	((void (*)(void))mapped)();
	tap_true("unless it may be executed", 1);
	free(on_heap);
}

static void check_read_into_code(void)
{
	char *code = pages(1, PROT_READ | PROT_WRITE), other[100];
	int zero = open("/dev/zero", O_RDONLY), ends[2];

	memset(code, 7, PAGE);
	mprotect(code, PAGE, PROT_READ | PROT_EXEC);
	tap_answer("read into a page of code", RAW(SYS_read, (unsigned)zero, WORD(code), 100),
		   -EFAULT);
	tap_true("changes none of it", code[0] == 7 && code[99] == 7);
	if (pipe(ends) || write(ends[1], "kept", 4) != 4)
		_exit(3);
	tap_answer("so with a pipe", RAW(SYS_read, (unsigned)ends[0], WORD(code), 4), -EFAULT);
	tap_true("whose bytes stay", read(ends[0], other, 100) == 4 && !memcmp(other, "kept", 4));
	munmap(code, PAGE);
	close(zero);
	close(ends[0]);
	close(ends[1]);
}

/* A store of 8 bytes of which 4 can be written writes none. */
static void check_whole_store(void)
{
	char *page = pages(2, PROT_READ | PROT_WRITE), *edge = page + PAGE;

	munmap(edge, PAGE);
	catch (SIGSEGV, leave);
	if (!sigsetjmp(out, 1)) {
		*(volatile uint64_t __attribute__((aligned(1))) *)(edge - 4) = ~0UL;
		tap_true("a store across an absent page came through", 0);
	} else {
		tap_true("a store across an absent page faults there", last.si_addr == edge);
	}
	tap_true("and has written nothing", !edge[-1] && !edge[-2] && !edge[-3] && !edge[-4]);
	signal(SIGSEGV, SIG_DFL);
	munmap(page, PAGE);
}

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

/* SYSENTER is no way in from a 64-bit program: what it raises depends on the maker. Linux that
 * serves it returns as if to 32-bit code. */
static void check_sysenter(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		__asm__ volatile("sysenter" ::"a"(1000), "b"(0), "S"(0) : "memory");
		_exit(0);
	}
	status = status_of(pid);
	tap_true("sysenter is a signal", status == SIGILL || status == SIGSEGV);
}

static void check_execve(const char *self)
{
	char path[256];
	const char *slash = strrchr(self, '/');
	pid_t pid;

	snprintf(path, sizeof(path), "%.*sfresh", slash ? (int)(slash - self) + 1 : 0, self);
	pid = fork();
	if (!pid) {
		/* Something to be cleared away. */
		__asm__ volatile(
			"pcmpeqd %%xmm0, %%xmm0\n\tmovdqa %%xmm0, %%xmm7\n\t"
			"movdqa %%xmm0, %%xmm15\n\tpushfq\n\torq $0x40000, (%%rsp)\n\tpopfq"
			:
			:
			: "xmm0", "xmm7", "xmm15", "cc");
		RAW(SYS_execve, WORD(path), WORD(((const char *const[]){ path, NULL })),
		    WORD(environ));
		_exit(200);
	}
	tap_answer("execve: registers 0, flags 0x202, vectors zero", status_of(pid), 0);
}

static bool has_fsgsbase(void)
{
	unsigned a, b, c, d;

	/* AT_HWCAP2 bit 1 is the kernel's word for it; without one, CPUID and a try. */
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & 1;
}

/* The program may put anything into GS base; the kernel takes its own. */
static void check_bases(void)
{
	static const unsigned long odd[] = { 0xffffffff80000000, 0xffff800000000000, 0x7fffffffffff,
					     0, 0xffffffffffffffff };
	static bool wrong;
	char byte;
	int ends[2];

	if (pipe(ends) || !has_fsgsbase())
		goto out;
	catch (SIGILL, leave);
	if (sigsetjmp(out, 1))
		goto out; /* the kernel has not switched it on */
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		unsigned long is;

		__asm__ volatile("wrgsbase %0" ::"r"(odd[i]));
		wrong |= write(ends[1], "x", 1) != 1 || read(ends[0], &byte, 1) != 1;
		wrong |= status_of(fork() ?: (_exit(0), 0)) != 0;
		__asm__ volatile("rdgsbase %0" : "=r"(is));
		wrong |= is != odd[i];
	}
	__asm__ volatile("wrgsbase %0" ::"r"(0UL));
out:
	tap_true("any GS base, and the kernel lives", !wrong);
	signal(SIGILL, SIG_DFL);
	close(ends[0]);
	close(ends[1]);
}

/* Calls without which a program of its kind does not run; with arguments that none accepts. */
static const short needed[] = {
	/* no libc; static musl; with threads, fork, signals, pipes, files */
	0,
	1,
	60,
	231,
	20,
	158,
	2,
	3,
	8,
	9,
	10,
	11,
	12,
	13,
	14,
	15,
	16,
	22,
	35,
	39,
	56,
	57,
	59,
	61,
	186,
	200,
	202,
	218,
	228,
	/* static glibc */
	28,
	89,
	230,
	234,
	257,
	262,
	273,
	293,
	302,
	/* busybox: its shell, redirection, traps, pipelines, scripts */
	33,
	217,
	72,
	21,
	87,
	62,
	130,
	99,
	58,
	80,
	82,
	83,
	84,
	88,
	95,
	104,
	107,
	108,
	112,
	280,
	40,
	63,
	79,
	102,
	110,
	201,
};

/* These do not come back, or fork, or (futex) have a number for the operation, too: threads and
 * every libc call them all the time. */
static bool is_special(long number)
{
	return number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn ||
	       number == SYS_vfork || number == SYS_futex;
}

static void check_needed(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		char name[40];
		pid_t pid;

		if (is_special(needed[i]))
			continue;
		pid = fork();
		if (!pid) {
			alarm(20);
			long answer = RAW(needed[i], -1UL, -1UL, -1UL, -1UL, -1UL, -1UL);

			RAW(SYS_exit_group, answer == -ENOSYS);
		}
		snprintf(name, sizeof(name), "call %d is there", needed[i]);
		tap_answer(name, status_of(pid) == 1 << 8, 0);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	check_flags();
	check_sysenter();
	check_execution();
	check_read_into_code();
	check_whole_store();
	check_execve(argv[0]);
	check_bases();
	check_needed();
	return tap_end();
}
