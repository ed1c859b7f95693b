// SPDX-License-Identifier: MIT
/* What execve leaves in the registers: general ones 0, flags 0x202, vector registers zero. No libc,
 * for that would have used them. Exit status: 0, or which was wrong, in the order below. */
typedef unsigned long word;

enum { RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15, FLAGS, WORDS };
word fresh_words[WORDS];
unsigned char fresh_vectors[16][32] __attribute__((aligned(32)));

#define SAVE_X(n) "movups %xmm" #n ", fresh_vectors+32*" #n "(%rip)\n"
#define SAVE_Y(n) "vmovups %ymm" #n ", fresh_vectors+32*" #n "(%rip)\n"
#define EACH(op)                                                                                \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13) \
		op(14) op(15)
#define SAVE(name, n) "mov %" name ", fresh_words+8*" #n "(%rip)\n"
__asm__(".globl _start\n"
	"_start:\n" SAVE("rax", 0) SAVE("rbx", 1) SAVE("rcx", 2) SAVE("rdx", 3) SAVE("rsi", 4) SAVE(
		"rdi", 5) SAVE("rbp", 6) SAVE("r8", 7) SAVE("r9",
							    8) SAVE("r10",
								    9) SAVE("r11",
									    10) SAVE("r12",
										     11) SAVE("r13",
											      12)
		SAVE("r14", 13) SAVE("r15", 14) "	pushfq; popq fresh_words+8*15(%rip)\n" EACH(
			SAVE_X) "	mov $1, %eax; cpuid; and $0x18000000, %ecx; cmp $0x18000000, %ecx; jne 1f\n"
				"	xor %ecx, %ecx; xgetbv; and $6, %eax; cmp $6, %eax; jne 1f\n" EACH(
					SAVE_Y) "1:	call fresh_judge\n"
						"	mov %eax, %edi; mov $231, %eax; syscall\n");

int fresh_judge(void)
{
	for (int i = 0; i < FLAGS; i++)
		if (fresh_words[i])
			return i + 1;
	if (fresh_words[FLAGS] != 0x202)
		return FLAGS + 1;
	for (int i = 0; i < 16 * 32; i++)
		if (fresh_vectors[i / 32][i % 32])
			return 64 + i / 32;
	return 0;
}
