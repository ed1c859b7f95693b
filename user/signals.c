/* SPDX-License-Identifier: MIT */
/* Signals: sending, masks, queues, waiting, restarting, job control, frames, sigreturn and
 * exceptions. Every check holds on Linux too. */
#define _GNU_SOURCE
#include "tap.h"

#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/ucontext.h>
#include <sys/wait.h>
#include <time.h>

#define KERNEL_ADDRESS 0xffffffff80000000UL
#define NON_CANONICAL  0x0000800000000000UL

/* The kernel's own interface: musl keeps some signals and flags to itself. */
struct kernel_action {
	void (*handler)(int, siginfo_t *, void *);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};
void restorer(void);
__asm__(".globl restorer\nrestorer:\n\tmovl $15, %eax\n\tsyscall\n");
#define RESTORER 0x04000000UL

static volatile int count, order[16];
static siginfo_t last;
static ucontext_t last_context;
volatile unsigned long resume_at; /* the assembler's too */
static volatile unsigned long handler_sp;

static void note(int signal, siginfo_t *info, void *context)
{
	if (count < 16)
		order[count] = signal;
	count++;
	last = *info;
	memcpy(&last_context, context, sizeof(last_context.uc_flags) + 40);
	last_context.uc_mcontext = ((ucontext_t *)context)->uc_mcontext;
	handler_sp = (unsigned long)__builtin_frame_address(0);
}

/* Goes on where the check says. */
static void skip(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	note(signal, info, context);
	uc->uc_mcontext.gregs[REG_RIP] = (long)resume_at;
}

static long action(int signal, void *handler, unsigned long flags, unsigned long mask)
{
	struct kernel_action a = { handler, flags | RESTORER, restorer, mask };

	count = 0;
	memset(&last, 0, sizeof(last));
	return RAW(SYS_rt_sigaction, (unsigned)signal, WORD(&a), 0, 8);
}

static unsigned long bit(int signal)
{
	return 1UL << (signal - 1);
}

static unsigned long mask(int how, unsigned long set)
{
	unsigned long was = 0;

	RAW(SYS_rt_sigprocmask, (unsigned)how, WORD(&set), WORD(&was), 8);
	return was;
}

/* Runs `body` in a child and returns its wait status. */
static int in_child(void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		body();
		_exit(77);
	}
	waitpid(pid, &status, 0);
	return status;
}

/* --- sending and masks --- */

static void check_kill(void)
{
	tap_answer("an action is set", action(SIGUSR1, note, SA_SIGINFO, 0), 0);
	tap_answer("kill of itself", kill(getpid(), SIGUSR1), 0);
	tap_answer("is there when the call returns", count, 1);
	tap_answer("si_signo", last.si_signo, SIGUSR1);
	tap_answer("si_code is SI_USER", last.si_code, SI_USER);
	tap_answer("si_pid", last.si_pid, getpid());
	tap_answer("tgkill", RAW(SYS_tgkill, getpid(), getpid(), SIGUSR1), 0);
	tap_answer("si_code is SI_TKILL", last.si_code, SI_TKILL);
	tap_answer("tkill", RAW(SYS_tkill, getpid(), SIGUSR1), 0);
	tap_answer("all three came", count, 3);
	tap_answer("kill of nobody", RAW(SYS_kill, 32767, 0), -ESRCH);
	tap_answer("signal 65", RAW(SYS_kill, getpid(), 65), -EINVAL);
	tap_answer("signal -1", RAW(SYS_kill, getpid(), -1UL), -EINVAL);
	tap_answer("signal 0", RAW(SYS_kill, getpid(), 0), 0);
	tap_answer("tgkill of pid 0", RAW(SYS_tgkill, getpid(), 0, SIGUSR1), -EINVAL);
	tap_answer("tgkill of another's thread", RAW(SYS_tgkill, 1 + getpid(), getpid(), SIGUSR1),
		   -ESRCH);
	action(SIGUSR1, SIG_IGN, 0, 0);
	tap_answer("an ignored one", kill(getpid(), SIGUSR1), 0);
	tap_answer("SIGKILL cannot be caught", action(SIGKILL, note, 0, 0), -EINVAL);
	tap_answer("SIGSTOP cannot be ignored", action(SIGSTOP, SIG_IGN, 0, 0), -EINVAL);
	tap_answer("action of signal 0", RAW(SYS_rt_sigaction, 0, 0, 0, 8), -EINVAL);
	tap_answer("action of signal 65", RAW(SYS_rt_sigaction, 65, 0, 0, 8), -EINVAL);
	tap_answer("a set of 4 bytes", RAW(SYS_rt_sigaction, SIGUSR1, 0, 0, 4), -EINVAL);
}

static void check_bad_old_pointers(void)
{
	struct kernel_action a = { note, SA_SIGINFO | RESTORER, restorer, 0 }, now;
	unsigned long set = bit(SIGUSR2), was = 0;

	tap_answer("sigaction with a bad old pointer",
		   RAW(SYS_rt_sigaction, SIGUSR2, WORD(&a), KERNEL_ADDRESS, 8), -EFAULT);
	RAW(SYS_rt_sigaction, SIGUSR2, 0, WORD(&now), 8);
	tap_true("yet it is set", now.handler == note);
	tap_answer("sigaction with a bad new pointer",
		   RAW(SYS_rt_sigaction, SIGUSR2, NON_CANONICAL, 0, 8), -EFAULT);
	tap_answer("sigprocmask with a bad old pointer",
		   RAW(SYS_rt_sigprocmask, SIG_BLOCK, WORD(&set), 8, 8), -EFAULT);
	RAW(SYS_rt_sigprocmask, SIG_BLOCK, 0, WORD(&was), 8);
	tap_true("yet it is set", was & bit(SIGUSR2));
	tap_answer("an unknown how", RAW(SYS_rt_sigprocmask, 9, WORD(&set), 0, 8), -EINVAL);
	mask(SIG_UNBLOCK, ~0UL);
}

static void check_masks(void)
{
	unsigned long pending = 0;

	action(SIGUSR1, note, SA_SIGINFO, 0);
	action(SIGUSR2, note, SA_SIGINFO, 0);
	mask(SIG_SETMASK, ~0UL);
	tap_true("KILL and STOP cannot be blocked",
		 !(mask(SIG_BLOCK, 0) & (bit(SIGKILL) | bit(SIGSTOP))));
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	tap_answer("blocked ones wait", count, 0);
	RAW(SYS_rt_sigpending, WORD(&pending), 8);
	tap_true("sigpending shows both", pending == (bit(SIGUSR1) | bit(SIGUSR2)));
	mask(SIG_SETMASK, 0);
	tap_answer("each comes once", count, 2);
	/* The frame of the lower number was made first, so its handler runs last. */
	tap_true("order", order[0] == SIGUSR2 && order[1] == SIGUSR1);
	mask(SIG_SETMASK, bit(SIGUSR1));
	kill(getpid(), SIGUSR1);
	action(SIGUSR1, SIG_IGN, 0, 0);
	action(SIGUSR1, note, SA_SIGINFO, 0);
	mask(SIG_SETMASK, 0);
	tap_answer("ignoring forgets what waits", count, 0);
}

static volatile unsigned long mask_inside;

static void ask_mask(int signal, siginfo_t *info, void *context)
{
	note(signal, info, context);
	mask_inside = mask(SIG_BLOCK, 0);
}

static void check_handler_mask(void)
{
	struct kernel_action now;

	action(SIGUSR1, ask_mask, SA_SIGINFO, bit(SIGUSR2));
	kill(getpid(), SIGUSR1);
	tap_true("its own and sa_mask are blocked", mask_inside == (bit(SIGUSR1) | bit(SIGUSR2)));
	tap_true("and not any more afterwards", mask(SIG_BLOCK, 0) == 0);
	action(SIGUSR1, ask_mask, SA_SIGINFO | SA_NODEFER, 0);
	kill(getpid(), SIGUSR1);
	tap_true("SA_NODEFER: its own is not", mask_inside == 0);
	action(SIGUSR1, note, SA_SIGINFO | SA_RESETHAND, 0);
	kill(getpid(), SIGUSR1);
	RAW(SYS_rt_sigaction, SIGUSR1, 0, WORD(&now), 8);
	tap_true("SA_RESETHAND: the default again", count == 1 && !now.handler);
}

static void check_queue(void)
{
	siginfo_t info = { 0 };
	int signal = 40, sum = 0;
	unsigned long set = bit(40);
	struct timespec zero = { 0, 0 };

	action(signal, note, SA_SIGINFO, 0);
	mask(SIG_BLOCK, set);
	for (int i = 1; i <= 5; i++) {
		info.si_code = SI_QUEUE;
		info.si_pid = getpid();
		info.si_value.sival_int = i;
		sum = sum * 10 + i;
		tap_answer("sigqueue", RAW(SYS_rt_sigqueueinfo, getpid(), signal, WORD(&info)), 0);
	}
	int got = 0;
	for (int i = 0; i < 5; i++) {
		memset(&info, 0, sizeof(info));
		tap_answer("sigtimedwait takes one",
			   RAW(SYS_rt_sigtimedwait, WORD(&set), WORD(&info), WORD(&zero), 8), 40);
		got = got * 10 + info.si_value.sival_int;
	}
	tap_answer("every one is queued, in order", got, sum);
	tap_answer("then there is none",
		   RAW(SYS_rt_sigtimedwait, WORD(&set), WORD(&info), WORD(&zero), 8), -EAGAIN);
	tap_answer("no handler has run", count, 0);
	mask(SIG_UNBLOCK, set);
}

/* --- waiting and restarting --- */

static pid_t child_that_signals(int signal, int times)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	for (int i = 0; i < times; i++) {
		struct timespec little = { 0, 20000000 };

		nanosleep(&little, NULL);
		kill(parent, signal);
	}
	_exit(0);
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void check_suspend(void)
{
	unsigned long none = 0;

	action(SIGUSR1, ask_mask, SA_SIGINFO, 0);
	mask(SIG_SETMASK, bit(SIGUSR1) | bit(SIGUSR2));
	kill(getpid(), SIGUSR1);
	tap_answer("sigsuspend", RAW(SYS_rt_sigsuspend, WORD(&none), 8), -EINTR);
	tap_answer("its handler ran", count, 1);
	tap_true("with sigsuspend's mask and its own", mask_inside == bit(SIGUSR1));
	tap_true("and the old mask is back", mask(SIG_SETMASK, 0) == (bit(SIGUSR1) | bit(SIGUSR2)));
	tap_answer("sigsuspend with a bad set", RAW(SYS_rt_sigsuspend, 8, 8), -EFAULT);
}

static void check_restart(void)
{
	int fds[2], status;
	char byte = 0;
	pid_t pid, parent = getpid();
	/* So long that a slow machine has sent the signal long before. */
	struct timespec wish = { 0, 80000000 }, long_wish = { 60, 0 }, left = { 99, 9 };

	if (pipe(fds))
		_exit(9);
	action(SIGUSR1, note, SA_SIGINFO, 0);
	pid = child_that_signals(SIGUSR1, 1);
	tap_answer("a read is interrupted", RAW(SYS_read, (unsigned)fds[0], WORD(&byte), 1),
		   -EINTR);
	reap(pid);
	action(SIGUSR1, note, SA_SIGINFO | SA_RESTART, 0);
	pid = fork();
	if (!pid) {
		struct timespec little = { 0, 20000000 };

		nanosleep(&little, NULL);
		kill(parent, SIGUSR1);
		nanosleep(&little, NULL);
		_exit(write(fds[1], "x", 1) != 1);
	}
	tap_answer("SA_RESTART: it goes on", RAW(SYS_read, (unsigned)fds[0], WORD(&byte), 1), 1);
	tap_answer("and the handler ran", count, 1);
	reap(pid);
	pid = child_that_signals(SIGUSR1, 1);
	tap_answer("poll never restarts", RAW(SYS_poll, 0, 0, 60000), -EINTR);
	reap(pid);
	pid = child_that_signals(SIGUSR1, 1);
	tap_answer("nanosleep is interrupted", RAW(SYS_nanosleep, WORD(&long_wish), WORD(&left)),
		   -EINTR);
	tap_true("and tells what is left", left.tv_sec < 60 && left.tv_nsec < 1000000000);
	reap(pid);
	/* No handler: the sleep goes on to its end. */
	action(SIGUSR1, SIG_DFL, 0, 0);
	pid = fork();
	if (!pid) {
		_exit(RAW(SYS_nanosleep, WORD(&wish), 0) != 0);
	}
	kill(pid, SIGSTOP);
	tap_answer("a stop is seen", waitpid(pid, &status, WUNTRACED), pid);
	kill(pid, SIGCONT);
	tap_answer("the stopped sleeper ends", waitpid(pid, &status, 0), pid);
	tap_answer("its nanosleep went on", status, 0);
	close(fds[0]);
	action(SIGPIPE, note, SA_SIGINFO, 0);
	tap_answer("write without readers", RAW(SYS_write, (unsigned)fds[1], WORD(&byte), 1),
		   -EPIPE);
	tap_answer("SIGPIPE came", count, 1);
	close(fds[1]);
}

static void check_timers(void)
{
	struct itimerval value = { { 0, 5000 }, { 0, 5000 } }, off = { { 0, 0 }, { 0, 0 } };
	unsigned long none = 0;

	action(SIGALRM, note, SA_SIGINFO, 0);
	mask(SIG_BLOCK, bit(SIGALRM));
	tap_answer("setitimer", RAW(SYS_setitimer, ITIMER_REAL, WORD(&value), 0), 0);
	for (int i = 0; i < 3; i++)
		RAW(SYS_rt_sigsuspend, WORD(&none), 8);
	tap_answer("it comes again and again", count, 3);
	tap_answer("setitimer to nothing", RAW(SYS_setitimer, ITIMER_REAL, WORD(&off), 0), 0);
	mask(SIG_UNBLOCK, bit(SIGALRM));
	tap_answer("alarm", RAW(SYS_alarm, 100), 0);
	tap_answer("alarm tells of the last one", RAW(SYS_alarm, 0), 100);
	tap_answer("no such timer", RAW(SYS_setitimer, 7, WORD(&value), 0), -EINVAL);
}

/* --- children --- */

static void end_by_term(void)
{
	raise(SIGTERM);
}
static void end_by_kill(void)
{
	raise(SIGKILL);
}
static void end_by_abort(void)
{
	abort();
}
static void end_by_null(void)
{
	__asm__ volatile("movb $1, 8" ::: "memory");
}
static void end_by_blocked_null(void)
{
	mask(SIG_BLOCK, ~0UL);
	end_by_null();
}
static void end_by_ignored_null(void)
{
	action(SIGSEGV, SIG_IGN, 0, 0);
	end_by_null();
}

static void check_ends(void)
{
	struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	tap_answer("SIGTERM ends", in_child(end_by_term), SIGTERM);
	tap_answer("SIGKILL ends", in_child(end_by_kill), SIGKILL);
	tap_answer("abort ends", in_child(end_by_abort), SIGABRT);
	tap_answer("a bad pointer ends", in_child(end_by_null), SIGSEGV);
	tap_answer("with SIGSEGV blocked too", in_child(end_by_blocked_null), SIGSEGV);
	tap_answer("with SIGSEGV ignored too", in_child(end_by_ignored_null), SIGSEGV);
}

static void check_sigchld(void)
{
	siginfo_t info;
	pid_t pid;
	int status;

	action(SIGCHLD, note, SA_SIGINFO | SA_RESTART, 0);
	pid = fork();
	if (!pid)
		_exit(5);
	waitpid(pid, &status, 0);
	tap_answer("SIGCHLD comes", count, 1);
	tap_true("CLD_EXITED with its number and status",
		 last.si_code == CLD_EXITED && last.si_pid == pid && last.si_status == 5);
	action(SIGCHLD, note, SA_SIGINFO | SA_RESTART, 0);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	tap_answer("waitid sees the stop", waitid(P_PID, (id_t)pid, &info, WSTOPPED), 0);
	tap_true("CLD_STOPPED, SIGSTOP", info.si_code == CLD_STOPPED && info.si_status == SIGSTOP);
	tap_true("SIGCHLD told so",
		 count == 1 && last.si_code == CLD_STOPPED && last.si_status == SIGSTOP);
	kill(pid, SIGCONT);
	tap_answer("waitid sees it go on", waitid(P_PID, (id_t)pid, &info, WCONTINUED), 0);
	tap_true("CLD_CONTINUED, SIGCONT",
		 info.si_code == CLD_CONTINUED && info.si_status == SIGCONT);
	kill(pid, SIGSTOP);
	waitid(P_PID, (id_t)pid, &info, WSTOPPED);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_answer("SIGKILL ends a stopped one", status, SIGKILL);
	action(SIGCHLD, note, SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP, 0);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	waitid(P_PID, (id_t)pid, &info, WSTOPPED);
	tap_answer("SA_NOCLDSTOP: silence", count, 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap_answer("but for the end", count, 1);
	action(SIGCHLD, SIG_IGN, 0, 0);
	pid = fork();
	if (!pid)
		_exit(0);
	tap_true("SIGCHLD ignored: nothing to wait for",
		 waitpid(pid, &status, 0) == -1 && errno == ECHILD);
	action(SIGCHLD, SIG_DFL, 0, 0);
}

static void check_groups(void)
{
	pid_t first, second;
	int status;

	first = fork();
	if (!first) {
		setpgid(0, 0);
		for (;;)
			pause();
	}
	setpgid(first, first);
	second = fork();
	if (!second) {
		setpgid(0, first);
		for (;;)
			pause();
	}
	tap_answer("joining a group", RAW(SYS_setpgid, second, first), 0);
	tap_answer("getpgid", RAW(SYS_getpgid, second), first);
	tap_answer("a group of no session", RAW(SYS_setpgid, second, 32000), -EPERM);
	tap_answer("kill of a group", RAW(SYS_kill, -(unsigned long)first, SIGTERM), 0);
	waitpid(first, &status, 0);
	tap_answer("the first ends", status, SIGTERM);
	waitpid(second, &status, 0);
	tap_answer("the second ends", status, SIGTERM);
	tap_answer("then nobody is in it", RAW(SYS_kill, -(unsigned long)first, SIGTERM), -ESRCH);
	first = fork();
	if (!first) {
		pid_t sid = setsid();

		_exit(sid == getpid() && getsid(0) == sid && getpgrp() == sid && setsid() < 0 ? 3
											      : 4);
	}
	waitpid(first, &status, 0);
	tap_answer("setsid", WEXITSTATUS(status), 3);
}

/* --- frames --- */

static unsigned char alternate[65536] __attribute__((aligned(16)));

static void check_alternate_stack(void)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, now;

	tap_answer("sigaltstack", RAW(SYS_sigaltstack, WORD(&stack), 0), 0);
	action(SIGUSR1, note, SA_SIGINFO | SA_ONSTACK, 0);
	kill(getpid(), SIGUSR1);
	tap_true("SA_ONSTACK: the handler runs there",
		 handler_sp >= WORD(alternate) && handler_sp < WORD(alternate) + sizeof(alternate));
	action(SIGUSR1, note, SA_SIGINFO, 0);
	kill(getpid(), SIGUSR1);
	tap_true("without it does not",
		 handler_sp < WORD(alternate) || handler_sp >= WORD(alternate) + sizeof(alternate));
	RAW(SYS_sigaltstack, 0, WORD(&now));
	tap_true("it can be asked for", now.ss_sp == alternate && now.ss_flags == 0);
	stack.ss_size = 100;
	tap_answer("too small a stack", RAW(SYS_sigaltstack, WORD(&stack), 0), -ENOMEM);
	stack.ss_flags = 77;
	tap_answer("unknown flags", RAW(SYS_sigaltstack, WORD(&stack), 0), -EINVAL);
	stack.ss_flags = SS_DISABLE;
	tap_answer("no stack any more", RAW(SYS_sigaltstack, WORD(&stack), WORD(&now)), 0);
}

static sigjmp_buf overflow_exit;

static void leave_overflow(int signal, siginfo_t *info, void *context)
{
	note(signal, info, context);
	siglongjmp(overflow_exit, 1);
}

static int __attribute__((noinline)) deeper(volatile char *above, long left)
{
	volatile char here[4096];

	here[0] = above[0];
	/* More often than any stack has room for. */
	return left ? deeper(here, left - 1) + here[1] : 0;
}

static void check_overflow(void)
{
	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) };
	char start[16] = "";

	sigaltstack(&stack, NULL);
	action(SIGSEGV, leave_overflow, SA_SIGINFO | SA_ONSTACK, 0);
	if (!sigsetjmp(overflow_exit, 1))
		deeper(start, 1L << 30);
	tap_true("a stack that has run over is caught on another", count == 1);
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	action(SIGSEGV, SIG_DFL, 0, 0);
}

/* UD2 with these values in all registers but rax, rdi, rsi and rsp, and in xmm7; and what they are
 * after the handler. */
void through_handler(const unsigned long in[12], unsigned long out[12], void *xmm);
__asm__(".globl through_handler\nthrough_handler:\n\t"
	"pushq %rbx\n\tpushq %rbp\n\tpushq %r12\n\tpushq %r13\n\tpushq %r14\n\tpushq %r15\n\t"
	"pushq %rdx\n\tpushq %rsi\n\tmovdqu (%rdx), %xmm7\n\t"
	"leaq 1f(%rip), %rcx\n\tmovq %rcx, resume_at(%rip)\n\t"
	"movq 0(%rdi), %rbx\n\t"
	"movq 8(%rdi), %rcx\n\t"
	"movq 16(%rdi), %rdx\n\t"
	"movq 24(%rdi), %rbp\n\t"
	"movq 32(%rdi), %r8\n\t"
	"movq 40(%rdi), %r9\n\t"
	"movq 48(%rdi), %r10\n\t"
	"movq 56(%rdi), %r11\n\t"
	"movq 64(%rdi), %r12\n\t"
	"movq 72(%rdi), %r13\n\t"
	"movq 80(%rdi), %r14\n\t"
	"movq 88(%rdi), %r15\n\t"
	"ud2\n1:\tpopq %rdi\n\t"
	"movq %rbx, 0(%rdi)\n\t"
	"movq %rcx, 8(%rdi)\n\t"
	"movq %rdx, 16(%rdi)\n\t"
	"movq %rbp, 24(%rdi)\n\t"
	"movq %r8, 32(%rdi)\n\t"
	"movq %r9, 40(%rdi)\n\t"
	"movq %r10, 48(%rdi)\n\t"
	"movq %r11, 56(%rdi)\n\t"
	"movq %r12, 64(%rdi)\n\t"
	"movq %r13, 72(%rdi)\n\t"
	"movq %r14, 80(%rdi)\n\t"
	"movq %r15, 88(%rdi)\n\t"
	"popq %rdx\n\tmovdqu %xmm7, (%rdx)\n\t"
	"popq %r15\n\tpopq %r14\n\tpopq %r13\n\tpopq %r12\n\tpopq %rbp\n\tpopq %rbx\n\tret");

static void use_vectors(int signal, siginfo_t *info, void *context)
{
	__asm__ volatile("pxor %%xmm7, %%xmm7" ::: "xmm7");
	skip(signal, info, context);
}

static void check_registers(void)
{
	static const unsigned long xmm_in[2] = { 0x1122334455667788, 0x99aabbccddeeff00 };
	unsigned long in[12], out[12] = { 0 }, xmm[2];

	memcpy(xmm, xmm_in, sizeof(xmm));
	for (int i = 0; i < 12; i++)
		in[i] = 0x0101010101010101UL * (unsigned)(i + 1);
	action(SIGILL, use_vectors, SA_SIGINFO, 0);
	through_handler(in, out, xmm);
	tap_true("every register comes back from a handler", !memcmp(in, out, sizeof(in)));
	tap_true("and the vector registers", !memcmp(xmm_in, xmm, sizeof(xmm)));
	tap_answer("ILL_ILLOPN", last.si_code, ILL_ILLOPN);
	tap_true("the context shows them",
		 last_context.uc_mcontext.gregs[REG_R14] == (long)in[10] &&
			 last_context.uc_mcontext.gregs[REG_TRAPNO] == 6);
	tap_answer("uc_flags", (long)(last_context.uc_flags & 6), 6);
	tap_true("FPU state is there, aligned",
		 last_context.uc_mcontext.fpregs && !(WORD(last_context.uc_mcontext.fpregs) & 15));
	action(SIGILL, SIG_DFL, 0, 0);
}

/* --- exceptions --- */

#define TRY(instructions, ...)                                                                    \
	__asm__ volatile("leaq 1f(%%rip), %%rcx\n\tmovq %%rcx, resume_at(%%rip)\n\t" instructions \
			 "\n1:" ::__VA_ARGS__                                                     \
			 : "rcx", "rax", "rdx", "memory", "cc")

static void expect(const char *name, int signal, int code, unsigned long address)
{
	char text[128];

	snprintf(text, sizeof(text), "%s: signal", name);
	tap_answer(text, last.si_signo, signal);
	snprintf(text, sizeof(text), "%s: si_code", name);
	tap_answer(text, last.si_code, code);
	if (address != 1) {
		snprintf(text, sizeof(text), "%s: si_addr", name);
		tap_answer(text, (long)last.si_addr, (long)address);
	}
	memset(&last, 0, sizeof(last));
}

static void poke(unsigned long address)
{
	TRY("movb $1, (%0)", "D"(address));
}

static void check_memory_faults(void)
{
	char *page = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	action(SIGSEGV, skip, SA_SIGINFO, 0);
	action(SIGBUS, skip, SA_SIGINFO, 0);
	munmap(page + 2 * PAGE, PAGE);
	poke(8);
	expect("NULL", SIGSEGV, SEGV_MAPERR, 8);
	tap_answer("trapno", last_context.uc_mcontext.gregs[REG_TRAPNO], 14);
	tap_answer("err: a user's write", last_context.uc_mcontext.gregs[REG_ERR], 6);
	tap_answer("cr2", last_context.uc_mcontext.gregs[REG_CR2], 8);
	poke(WORD(page));
	expect("read-only page", SIGSEGV, SEGV_ACCERR, WORD(page));
	poke(WORD(page + 2 * PAGE));
	expect("unmapped page", SIGSEGV, SEGV_MAPERR, WORD(page + 2 * PAGE));
	poke(KERNEL_ADDRESS);
	expect("kernel address", SIGSEGV, SEGV_MAPERR, KERNEL_ADDRESS);
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	page[0] = (char)0xc3;
	TRY("jmp *%0", "D"(page));
	expect("code on the heap", SIGSEGV, SEGV_ACCERR, 1);
	munmap(page, 2 * PAGE);
}

static void check_exceptions(void)
{
	action(SIGSEGV, skip, SA_SIGINFO, 0);
	action(SIGFPE, skip, SA_SIGINFO, 0);
	action(SIGTRAP, note, SA_SIGINFO, 0);
	TRY("xorl %%edx, %%edx\n\tmovl $1, %%eax\n\txorl %%ecx, %%ecx\n\tdivl %%ecx", "D"(0));
	expect("division by zero", SIGFPE, FPE_INTDIV, 1);
	TRY("hlt", "D"(0));
	expect("hlt", SIGSEGV, 0x80, 0);
	TRY("cli", "D"(0));
	expect("cli", SIGSEGV, 0x80, 0);
	TRY("inb $0x60, %%al", "D"(0));
	expect("in", SIGSEGV, 0x80, 0);
	TRY("int $1", "D"(0));
	expect("int 1", SIGSEGV, 0x80, 0);
	TRY("int $2", "D"(0));
	expect("int 2", SIGSEGV, 0x80, 0);
	TRY("int $8", "D"(0));
	expect("int 8", SIGSEGV, 0x80, 0);
	TRY("int $14", "D"(0));
	expect("int 14", SIGSEGV, 0x80, 0);
	TRY("int $0x20", "D"(0));
	expect("int 0x20", SIGSEGV, 0x80, 0);
	TRY("int $0xff", "D"(0));
	expect("int 0xff", SIGSEGV, 0x80, 0);
	__asm__ volatile("int3");
	expect("int3", SIGTRAP, 0x80, 0);
	action(SIGFPE, skip, SA_SIGINFO, 0);
	unsigned mxcsr = 0x1f80 & ~(1U << 9), normal = 0x1f80; /* division by zero unmasked */
	TRY("ldmxcsr %1\n\txorps %%xmm0, %%xmm0\n\tpcmpeqd %%xmm1, %%xmm1\n\tpsrld $31, %%xmm1\n\t"
	    "cvtdq2ps %%xmm1, %%xmm1\n\tdivps %%xmm0, %%xmm1",
	    "D"(0), "m"(mxcsr));
	__asm__ volatile("ldmxcsr %0" ::"m"(normal));
	/* TCG of old raises no SSE exceptions at all. */
	if (last.si_signo)
		expect("SSE division by zero", SIGFPE, FPE_FLTDIV, 1);
	action(SIGSEGV, SIG_DFL, 0, 0);
	action(SIGBUS, SIG_DFL, 0, 0);
	action(SIGFPE, SIG_DFL, 0, 0);
}

static volatile int steps;
static volatile unsigned long step_flags;

static void step(int signal, siginfo_t *info, void *context)
{
	note(signal, info, context);
	steps++;
	step_flags = (unsigned long)((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL];
}

static void check_single_step(void)
{
	unsigned long flags;

	action(SIGTRAP, step, SA_SIGINFO, 0);
	__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t"
			 "nop\n\tnop\n\tmovl $39, %%eax\n\tsyscall\n\tnop\n\t"
			 "pushfq\n\tpopq %0\n\tpushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq\n\tnop"
			 : "=r"(flags)::"rax", "rcx", "r11", "memory", "cc");
	tap_true("single steps across a system call trap", steps >= 8);
	tap_true("TRAP_TRACE", last.si_code == TRAP_TRACE);
	tap_true("TF is kept", flags & 0x100);
	action(SIGTRAP, SIG_DFL, 0, 0);
}

/* A system call keeps flags. */
static void check_flags(void)
{
	static const unsigned long mixes[] = { 0, 0x4000, 0x40000, 0x400, 0x44400 };
	unsigned long out;
	int wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mixes); i++) {
		__asm__ volatile(
			"pushfq\n\torq %1, (%%rsp)\n\tpopfq\n\tmovl $39, %%eax\n\tsyscall\n\t"
			"pushfq\n\tpopq %0\n\tpushq $0x202\n\tpopfq"
			: "=&r"(out)
			: "r"(mixes[i])
			: "rax", "rcx", "r11", "memory", "cc");
		wrong += (out & 0x44400) != mixes[i];
	}
	tap_answer("NT, AC and DF are kept by a system call", wrong, 0);
}

/* --- sigreturn trusts nothing --- */

static void (*wreck)(ucontext_t *uc);

static void wreck_frame(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	wreck(context);
}

static void wreck_cs(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_CSGSFS] = (uc->uc_mcontext.gregs[REG_CSGSFS] & ~0xffffL) | 0x10;
}
static void wreck_cs_null(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_CSGSFS] &= ~0xffffL;
}
static void wreck_ss(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_CSGSFS] =
		(uc->uc_mcontext.gregs[REG_CSGSFS] & ~(0xffffL << 48)) | (0x18L << 48);
}
static void wreck_rip_kernel(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] = (long)KERNEL_ADDRESS;
}
static void wreck_rip_hole(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] = (long)NON_CANONICAL;
}
static void wreck_fpu(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = (void *)KERNEL_ADDRESS;
}
static void wreck_fpu_hole(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = (void *)NON_CANONICAL;
}
static void wreck_fpu_odd(ucontext_t *uc)
{
	uc->uc_mcontext.fpregs = (void *)((char *)uc->uc_mcontext.fpregs + 1);
}
static void wreck_xstate(ucontext_t *uc)
{
	if (uc->uc_flags & 1)
		memset((char *)uc->uc_mcontext.fpregs + 512, 0xff, 64);
	else /* the processor knows no such header */
		wreck_fpu(uc);
}
static void wreck_rsp(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RSP] = (long)KERNEL_ADDRESS;
}

static void return_through_wreck(void)
{
	action(SIGUSR1, wreck_frame, SA_SIGINFO, 0);
	kill(getpid(), SIGUSR1);
	__asm__ volatile("pushq %rax\n\tpopq %rax"); /* where rsp is in the kernel */
	_exit(7);
}

static void call_sigreturn_on_bad_stack(void)
{
	__asm__ volatile("movq %0, %%rsp\n\tmovl $15, %%eax\n\tsyscall\n\thlt" ::"r"(8UL));
}

static void wreck_flags(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_EFL] |= 0x3000;  /* IOPL 3 */
	uc->uc_mcontext.gregs[REG_EFL] &= ~0x200L; /* IF */
}

static void check_sigreturn(void)
{
	static const struct {
		const char *name;
		void (*wreck)(ucontext_t *uc);
		int status;
	} rows[] = {
		{ "CS of the kernel", wreck_cs, SIGSEGV },
		{ "CS null", wreck_cs_null, SIGSEGV },
		{ "SS of the kernel", wreck_ss, SIGSEGV },
		{ "RIP in the kernel", wreck_rip_kernel, SIGSEGV },
		{ "RIP not canonical", wreck_rip_hole, SIGSEGV },
		{ "FPU pointer in the kernel", wreck_fpu, SIGSEGV },
		{ "FPU pointer not canonical", wreck_fpu_hole, SIGSEGV },
		{ "FPU pointer misaligned", wreck_fpu_odd, SIGSEGV },
		{ "wrecked XSTATE header", wreck_xstate, SIGSEGV },
		{ "RSP in the kernel", wreck_rsp, SIGSEGV },
	};
	unsigned long flags;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[80];

		wreck = rows[i].wreck;
		snprintf(text, sizeof(text), "sigreturn, %s", rows[i].name);
		int status = in_child(return_through_wreck);

		/* #SS of a bad stack pointer is SIGBUS. */
		if (wreck == wreck_rsp && status == SIGBUS)
			status = SIGSEGV;
		tap_answer(text, status, rows[i].status);
	}
	tap_answer("sigreturn without a frame", in_child(call_sigreturn_on_bad_stack), SIGSEGV);
	wreck = wreck_flags;
	action(SIGUSR1, wreck_frame, SA_SIGINFO, 0);
	kill(getpid(), SIGUSR1);
	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
	tap_answer("IOPL is ignored, IF stays", (long)(flags & 0x3200), 0x200);
}

/* A system call whose return address is 2^47. */
static void call_at_the_end(void)
{
	unsigned char *page = mmap((void *)0x7fffffffe000, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (page == MAP_FAILED)
		raise(SIGSEGV);
	memset(page, 0x90, PAGE);
	memcpy(page + PAGE - 7, "\xb8\x27\0\0\0\x0f\x05", 7);
	((void (*)(void))(page + PAGE - 7))();
}

static void overflow_small(void)
{
	static unsigned char small[2048] __attribute__((aligned(4096)));
	struct kernel_action a = { note, SA_SIGINFO | SA_ONSTACK | RESTORER, restorer, 0 };
	stack_t stack = { .ss_sp = small, .ss_size = sizeof(small) };

	if (RAW(SYS_sigaltstack, WORD(&stack), 0))
		raise(SIGSEGV); /* Linux with AVX-512 says so at once */
	RAW(SYS_rt_sigaction, SIGUSR1, WORD(&a), 0, 8);
	__asm__ volatile("" ::: "memory");
	kill(getpid(), SIGUSR1);
	_exit(count == 1 ? 6 : 7);
}

static void bad_stack_pointer(void)
{
	struct kernel_action a = { note, SA_SIGINFO | RESTORER, restorer, 0 };

	RAW(SYS_rt_sigaction, SIGUSR1, WORD(&a), 0, 8);
	__asm__ volatile("movq %0, %%rsp\n\tmovl $62, %%eax\n\tsyscall\n\tmovl $7, %%edi\n\t"
			 "movl $231, %%eax\n\tsyscall" ::"r"(64UL),
			 "D"((long)getpid()), "S"((long)SIGUSR1));
}

static void check_edges(void)
{
	tap_answer("a system call that ends at 2^47", in_child(call_at_the_end), SIGSEGV);
	int status = in_child(overflow_small);

	tap_true("a small alternate stack: delivered, or SIGSEGV",
		 status == SIGSEGV || status == 6 << 8);
	tap_answer("no stack for the frame", in_child(bad_stack_pointer), SIGSEGV);
}

static void check_small_calls(void)
{
	struct rlimit limit;
	struct rusage usage;
	struct tms times_now;
	unsigned ids[3] = { 9, 9, 9 };

	tap_answer("getrlimit", getrlimit(RLIMIT_STACK, &limit), 0);
	tap_answer("prlimit64 of an unknown limit", RAW(SYS_prlimit64, 0, 99, 0, 0), -EINVAL);
	tap_answer("prlimit64 of nobody", RAW(SYS_prlimit64, 32767, 3, 0, 0), -ESRCH);
	tap_answer("getrusage", getrusage(RUSAGE_SELF, &usage), 0);
	tap_answer("getrusage of nobody", RAW(SYS_getrusage, 9, WORD(&usage)), -EINVAL);
	tap_true("times", times(&times_now) != (clock_t)-1);
	tap_answer("getresuid", RAW(SYS_getresuid, WORD(ids), WORD(ids + 1), WORD(ids + 2)), 0);
	tap_true("three times the same", ids[0] == getuid() && ids[1] == ids[0]);
	tap_answer("getpgid of nobody", RAW(SYS_getpgid, 32767), -ESRCH);
	tap_answer("setpgid to -1", RAW(SYS_setpgid, 0, -1UL), -EINVAL);
	tap_answer("reboot with a wrong number", RAW(SYS_reboot, 1, 2, 3, 0), -EINVAL);
}

/* As /init it would be spared some signals: everything happens in a child. */
static int run(void)
{
	check_kill();
	check_bad_old_pointers();
	check_masks();
	check_handler_mask();
	check_queue();
	check_suspend();
	check_restart();
	check_timers();
	check_ends();
	check_sigchld();
	check_groups();
	check_alternate_stack();
	check_overflow();
	check_registers();
	check_memory_faults();
	check_exceptions();
	check_single_step();
	check_flags();
	check_sigreturn();
	check_edges();
	check_small_calls();
	return tap_end();
}

int main(void)
{
	int status = 1;
	pid_t pid = fork();

	if (!pid)
		_exit(run());
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		say("# ended by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
