// SPDX-License-Identifier: MIT
/*
 * Does a task find every register and flag as it left it, whoever ran in between? Tasks of several
 * processes hold patterns in all of them while they are preempted and interrupted by signals;
 * others meanwhile have the kernel copy and fault in the middle of it. The argument is the number
 * of rounds; with a second one there are only those who copy. TAP on standard output.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "tap.h"

#define HOLDERS 3 /* processes, two tasks each */
#define COPIERS 2
#define BULK    (256 << 10)

/* What a task holds. Assembly knows the offsets. */
struct state {
	uint64_t general[14]; /* rax rbx rcx rdx rsi rbp r8-r15; rdi is the state's address */
	uint64_t flags;
	uint32_t mxcsr, x87_control;
	uint8_t vectors[16][32]; /* offset 128 */
	uint8_t x87[8][16];
} __attribute__((aligned(32)));

/*
 * void hold(const struct state *in, struct state *out, int avx): every register from `in`, a while
 * of instructions that change none, and every register to `out`. rdi, rsp and the address of `out`,
 * on the stack, are held as well, or it would not come back.
 */
void hold(const struct state *in, struct state *out, int avx);
#define EACH(op)                                                                                \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)
#define LOAD_Y(n) "vmovups 128+32*" #n "(%rdi), %ymm" #n "\n"
#define SAVE_Y(n) "vmovups %ymm" #n ", 128+32*" #n "(%rsi)\n"
#define LOAD_X(n) "movups 128+32*" #n "(%rdi), %xmm" #n "\n"
#define SAVE_X(n) "movups %xmm" #n ", 128+32*" #n "(%rsi)\n"
__asm__(".pushsection .text\n"
	"hold:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	push %rdx\n"
	"	push %rsi\n"
	"	ldmxcsr 120(%rdi)\n"
	"	fninit; fldcw 124(%rdi)\n"
	"	fldt 640+112(%rdi); fldt 640+96(%rdi); fldt 640+80(%rdi); fldt 640+64(%rdi)\n"
	"	fldt 640+48(%rdi); fldt 640+32(%rdi); fldt 640+16(%rdi); fldt 640(%rdi)\n"
	"	test %edx, %edx; jz 1f\n" EACH(
		LOAD_Y) "jmp 2f\n"
			"1:\n" EACH(
				LOAD_X) "2:	pushq 112(%rdi)\n"
					"	mov 0(%rdi), %rax;   mov 8(%rdi), %rbx;   mov 16(%rdi), %rcx\n"
					"	mov 24(%rdi), %rdx;  mov 32(%rdi), %rsi;  mov 40(%rdi), %rbp\n"
					"	mov 48(%rdi), %r8;   mov 56(%rdi), %r9;   mov 64(%rdi), %r10\n"
					"	mov 72(%rdi), %r11;  mov 80(%rdi), %r12;  mov 88(%rdi), %r13\n"
					"	mov 96(%rdi), %r14;  mov 104(%rdi), %r15\n"
					"	popfq\n"
					"	.rept 600\n"
					"	nop; mov %rax, %rax; lea (%rsi), %rsi; jmp 3f\n"
					"3:	mov (%rdi), %rax; nop\n"
					"	.endr\n"
					"	xchg %rsi, (%rsp)\n"
					"	mov %rax, 0(%rsi);   mov %rbx, 8(%rsi);   mov %rcx, 16(%rsi)\n"
					"	mov %rdx, 24(%rsi);  mov %rbp, 40(%rsi)\n"
					"	mov %r8, 48(%rsi);   mov %r9, 56(%rsi);   mov %r10, 64(%rsi)\n"
					"	mov %r11, 72(%rsi);  mov %r12, 80(%rsi);  mov %r13, 88(%rsi)\n"
					"	mov %r14, 96(%rsi);  mov %r15, 104(%rsi)\n"
					"	pushfq; popq 112(%rsi)\n"
					"	pushq $0x202; popfq\n"
					"	popq 32(%rsi)\n"
					"	stmxcsr 120(%rsi); fnstcw 124(%rsi)\n"
					"	fstpt 640(%rsi); fstpt 640+16(%rsi); fstpt 640+32(%rsi); fstpt 640+48(%rsi)\n"
					"	fstpt 640+64(%rsi); fstpt 640+80(%rsi); fstpt 640+96(%rsi); fstpt 640+112(%rsi)\n"
					"	pop %rdx\n"
					"	test %edx, %edx; jz 1f\n" EACH(
						SAVE_Y) "vzeroupper; jmp 2f\n"
							"1:\n" EACH(
								SAVE_X) "2:	fninit; pushq $0x1f80; ldmxcsr (%rsp); pop %rdx\n"
									"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
									"	ret\n"
									".popsection\n");
_Static_assert(__builtin_offsetof(struct state, vectors) == 128 &&
		       __builtin_offsetof(struct state, x87) == 640,
	       "offsets of hold");

#define FLAGS_ALWAYS 0x202
#define FLAGS_HELD   0x244cd5 /* ID AC NT DF OF SF ZF AF PF CF */

static int rounds = 400;
static int has_avx;

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 11 ^ *seed << 40;
}

static int find_avx(void)
{
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (3U << 27)) != 3U << 27)
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & 6) == 6;
}

static void fill(struct state *state, uint64_t *seed)
{
	for (size_t i = 0; i < sizeof(*state); i += 8)
		memcpy((char *)state + i, &(uint64_t){ next(seed) }, 8);
	state->flags = FLAGS_ALWAYS | (state->flags & FLAGS_HELD);
	state->mxcsr = 0x1f80 | (state->mxcsr & 0xe03f); /* all masked; not DAZ */
	state->x87_control = 0x37f | (state->x87_control & 0xc00);
	for (int i = 0; i < 8; i++) { /* normal numbers, which loading does not change */
		state->x87[i][7] |= 0x80;
		state->x87[i][9] = 0x3f;
		memset(state->x87[i] + 10, 0, 6);
	}
	for (int i = 0; i < 16; i++)
		if (!has_avx)
			memset(state->vectors[i] + 16, 0, 16);
}

static __thread uint64_t own_word; /* behind FS */

/* 0, or 1 + the first byte that is different. */
static int hold_once(uint64_t *seed, uint64_t *word)
{
	struct state in, out;
	uint64_t through_gs;

	memset(&out, 0, sizeof(out));
	fill(&in, seed);
	own_word = *word = in.general[3];
	hold(&in, &out, has_avx);
	out.x87_control &= 0xffff;
	__asm__ volatile("mov %%gs:0, %0" : "=r"(through_gs));
	if (own_word != in.general[3])
		return 10001;
	if (through_gs != in.general[3])
		return 10002;
	for (size_t i = 0; i < sizeof(in); i++)
		if (((uint8_t *)&in)[i] != ((uint8_t *)&out)[i])
			return (int)i + 1;
	return 0;
}

#define ARCH_SET_GS 0x1001

static void *holder(void *argument)
{
	uint64_t seed = (uint64_t)argument, word;
	long wrong = 0;

	if (RAW(SYS_arch_prctl, ARCH_SET_GS, WORD(&word)))
		return (void *)20000;
	for (int i = 0; i < rounds && !wrong; i++)
		wrong = hold_once(&seed, &word);
	return (void *)wrong;
}

static volatile uint64_t handled;

/* Leaves nothing as it was; what the task has comes from the frame. */
static void trash(int signal)
{
	handled++;
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n\tmovdqa %%xmm0, %%xmm15\n\t"
			 "xor %%ebx, %%ebx\n\txor %%r12d, %%r12d\n\txor %%r15d, %%r15d\n\tfninit"
			 :
			 : "r"(signal)
			 : "rbx", "r12", "r15", "xmm0", "xmm15", "cc", "memory");
}

static void signals_on(void)
{
	const struct sigaction action = { .sa_handler = trash, .sa_flags = SA_RESTART };
	const struct itimerval often = { { 0, 1500 }, { 0, 1500 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void signals_off(void)
{
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 0 } }, NULL);
}

/* A process of two tasks that hold registers. */
static int hold_process(int number)
{
	pthread_t thread;
	void *other = (void *)30000;
	long mine;

	if (number)
		signals_on();
	if (pthread_create(&thread, NULL, holder, (void *)(1000L * number + 500)))
		return 2;
	mine = (long)holder((void *)(1000L * number));
	pthread_join(thread, &other);
	signals_off();
	if (mine || other)
		say("# holder %d: first difference at %ld and %ld\n", number, mine - 1,
		    (long)other - 1);
	return mine || other;
}

static int all_zero(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return 0;
	return 1;
}

/* /dev/zero may stop for a signal, never for anything else. */
static int read_zeros(int zero, char *area)
{
	for (size_t done = 0; done < BULK;) {
		long n = read(zero, area + done, BULK - done);

		if (n <= 0)
			return 0;
		done += (size_t)n;
	}
	return all_zero(area, BULK);
}

/* A process that lets the kernel copy: into pages that are not there yet, and there and back. Every
 * count must be whole and every byte right, whatever comes between. */
static int copy_process(int number)
{
	char *area = mmap(NULL, BULK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *back = mmap(NULL, BULK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int zero = open("/dev/zero", O_RDONLY);
	int file = (int)RAW(SYS_memfd_create, WORD("copies"), 0);
	uint64_t flags, seed = 77 + (uint64_t)number;

	signals_on();
	for (int i = 0; i < rounds / 8 + 1; i++) {
		memset(area, 0xaa, PAGE);
		madvise(area + PAGE, BULK - PAGE, MADV_DONTNEED);
		if (!read_zeros(zero, area))
			return 1;
		for (size_t at = 0; at < BULK; at += 64)
			memcpy(area + at, &(uint64_t){ next(&seed) }, 8);
		madvise(back, BULK, MADV_DONTNEED);
		if (pwrite(file, area + 3, BULK - 3, 5) != BULK - 3 ||
		    pread(file, back, BULK - 3, 5) != BULK - 3 || memcmp(area + 3, back, BULK - 3))
			return 2;
		__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
		if (flags & 0x40400)
			return 3;
	}
	signals_off();
	return 0;
}

/* Every register at once, moved on by an interrupt at any byte. */
static int string_process(int number)
{
	static uint8_t from[BULK], to[BULK];
	uint64_t seed = 5 + (uint64_t)number;

	signals_on();
	for (size_t i = 0; i < BULK; i++)
		from[i] = (uint8_t)next(&seed);
	for (int i = 0; i < rounds / 8 + 1; i++) {
		uint8_t *di = to, *si = from;
		size_t n = BULK;

		memset(to, 0, BULK);
		if (i & 1) { /* downwards */
			di += BULK - 1;
			si += BULK - 1;
			__asm__ volatile("std\n\trep movsb\n\tcld"
					 : "+D"(di), "+S"(si), "+c"(n)::"memory", "cc");
			di += BULK + 1;
			si += BULK + 1;
		} else {
			__asm__ volatile("rep movsb" : "+D"(di), "+S"(si), "+c"(n)::"memory");
		}
		if (n || di != to + BULK || si != from + BULK || memcmp(from, to, BULK))
			return 1;
	}
	signals_off();
	return 0;
}

static pid_t start(int (*process)(int), int number)
{
	pid_t pid = fork();

	if (!pid)
		_exit(process(number));
	return pid;
}

static long answer_of(pid_t pid)
{
	int status = 0;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}

int main(int argc, char **argv)
{
	pid_t holders[HOLDERS], copiers[COPIERS], string;
	int nr_holders = argc > 2 ? 0 : HOLDERS;
	char name[80];

	if (argc > 1)
		rounds = atoi(argv[1]);
	has_avx = find_avx();
	for (int i = 0; i < nr_holders; i++)
		holders[i] = start(hold_process, i);
	for (int i = 0; i < COPIERS; i++)
		copiers[i] = start(copy_process, i);
	string = nr_holders ? start(string_process, 0) : 0;
	for (int i = 0; i < nr_holders; i++) {
		snprintf(name, sizeof(name), "two tasks keep every register%s",
			 i ? ", signals too" : "");
		tap_answer(name, answer_of(holders[i]), 0);
	}
	for (int i = 0; i < COPIERS; i++)
		tap_answer("copies are whole, faults and signals in their middle",
			   answer_of(copiers[i]), 0);
	if (string)
		tap_answer("rep movsb goes on where it was, in both directions", answer_of(string),
			   0);
	return tap_end();
}
