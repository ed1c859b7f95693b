// SPDX-License-Identifier: MIT
/*
 * The system-call boundary itself: rax, rcx and r11 change, nothing else does; flags survive in
 * every mix; unknown numbers are ENOSYS. TAP on standard output.
 */
#include <limits.h>
#include <stdint.h>

#include "tap.h"

/* In the order the assembly below loads and stores them. */
enum { RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15, FLAGS, RSP, WORDS };
static const char *const names[] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp",   "r8", "r9",
				     "r10", "r11", "r12", "r13", "r14", "r15", "flags", "rsp" };
uint64_t abi_in[WORDS], abi_out[WORDS];
extern const char abi_returned[];

/*
 * void abi_call(void): loads every register from abi_in, makes a system call, stores every
 * register to abi_out. abi_in[RSP] is filled here. Flags: in from abi_in, out 0x202.
 */
void abi_call(void);
__asm__(".pushsection .text\n"
	"abi_call:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	mov abi_in(%rip), %rax;     mov abi_in+8(%rip), %rbx\n"
	"	mov abi_in+16(%rip), %rcx;  mov abi_in+24(%rip), %rdx\n"
	"	mov abi_in+32(%rip), %rsi;  mov abi_in+40(%rip), %rdi\n"
	"	mov abi_in+48(%rip), %rbp;  mov abi_in+56(%rip), %r8\n"
	"	mov abi_in+64(%rip), %r9;   mov abi_in+72(%rip), %r10\n"
	"	mov abi_in+80(%rip), %r11;  mov abi_in+88(%rip), %r12\n"
	"	mov abi_in+96(%rip), %r13;  mov abi_in+104(%rip), %r14\n"
	"	mov abi_in+112(%rip), %r15; mov %rsp, abi_in+128(%rip)\n"
	"	pushq abi_in+120(%rip); popfq\n"
	"	syscall\n"
	"abi_returned:\n"
	"	mov %rax, abi_out(%rip);     mov %rbx, abi_out+8(%rip)\n"
	"	mov %rcx, abi_out+16(%rip);  mov %rdx, abi_out+24(%rip)\n"
	"	mov %rsi, abi_out+32(%rip);  mov %rdi, abi_out+40(%rip)\n"
	"	mov %rbp, abi_out+48(%rip);  mov %r8, abi_out+56(%rip)\n"
	"	mov %r9, abi_out+64(%rip);   mov %r10, abi_out+72(%rip)\n"
	"	mov %r11, abi_out+80(%rip);  mov %r12, abi_out+88(%rip)\n"
	"	mov %r13, abi_out+96(%rip);  mov %r14, abi_out+104(%rip)\n"
	"	mov %r15, abi_out+112(%rip); mov %rsp, abi_out+128(%rip)\n"
	"	pushfq; popq abi_out+120(%rip)\n"
	"	pushq $0x202; popfq\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n"
	".popsection\n");

#define FLAGS_ALWAYS 0x202 /* IF and the fixed bit */
#define FLAG_DF      (1 << 10)
#define FLAG_NT      (1 << 14)
#define FLAG_AC      (1 << 18)
#define FLAG_ID      (1 << 21)
#define ARITHMETIC   0x8d5 /* OF SF ZF AF PF CF */

/* The index of the first register that is not as it must be after a call; WORDS: all are. */
static int first_changed(void)
{
	for (int i = RBX; i < WORDS; i++) {
		uint64_t expected = abi_in[i];

		if (i == RCX)
			expected = WORD(abi_returned);
		if (i == R11)
			expected = abi_in[FLAGS];
		if (abi_out[i] != expected) {
			say("# %s is %#lx, expected %#lx\n", names[i], abi_out[i], expected);
			return i;
		}
	}
	return WORDS;
}

static void check_call(const char *name, uint64_t number, uint64_t pattern, uint64_t flags)
{
	for (int i = 0; i < FLAGS; i++)
		abi_in[i] = pattern ? pattern + i : ~0UL;
	abi_in[RAX] = number;
	abi_in[FLAGS] = FLAGS_ALWAYS | flags;
	abi_call();
	tap_answer(name, first_changed(), WORDS);
}

static void check_registers(void)
{
	check_call("registers kept across an unknown call", 1000, 0x1111111111111100, 0);
	check_call("registers kept across getpid", SYS_getpid, 0xfedcba9876543200, 0);
	check_call("registers kept across a call that fails", SYS_close, 0xfedcba9876543200, 0);
	check_call("registers all -1", ~0UL, 0, 0);
	tap_answer("and that is ENOSYS", abi_out[RAX], -ENOSYS);
}

static void check_flags(void)
{
	static const uint64_t bits[] = { FLAG_DF, FLAG_NT, FLAG_AC, FLAG_ID, ARITHMETIC };
	char name[40];

	for (unsigned mix = 0; mix < 1 << ARRAY_SIZE(bits); mix++) {
		uint64_t flags = 0;

		for (unsigned i = 0; i < ARRAY_SIZE(bits); i++)
			flags |= mix >> i & 1 ? bits[i] : 0;
		snprintf(name, sizeof(name), "flags %#lx kept", flags);
		check_call(name, SYS_getpid, 0x4242424242424200, flags);
	}
}

static long count_other_than_enosys(long first, long last)
{
	long count = 0;

	for (long number = first; number <= last; number++)
		count += RAW(number) != -ENOSYS;
	return count;
}

static void check_numbers(void)
{
	tap_answer("numbers -64..-1 are ENOSYS", count_other_than_enosys(-64, -1), 0);
	tap_answer("numbers INT_MAX-64..INT_MAX are ENOSYS",
		   count_other_than_enosys(INT_MAX - 64L, INT_MAX), 0);
	tap_answer("number 1000 is ENOSYS", RAW(1000), -ENOSYS);
	tap_answer("getpid with the x32 bit is ENOSYS", RAW(0x40000000 | SYS_getpid), -ENOSYS);
	tap_answer("the high half of rax is ignored", RAW(0x7eadbeef00000000 | SYS_getpid),
		   getpid());
}

int main(void)
{
	check_registers();
	check_flags();
	check_numbers();
	return tap_end();
}
