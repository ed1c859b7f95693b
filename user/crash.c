// SPDX-License-Identifier: MIT
/*
 * Does the one forbidden thing its argument names. The kernel must end it by the right signal;
 * to come back from the deed is status 99, an unknown name 2.
 */
#include <sys/mman.h>

#include "user.h"

#define SURVIVED 99

static void store(unsigned long address)
{
	*(volatile char *)address = 1;
}

static void store_null(void)
{
	store(0);
}

static void store_read_only(void)
{
	store(WORD(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
}

static void load_none(void)
{
	(void)*(volatile char *)mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void load_kernel(void)
{
	(void)*(volatile char *)0xffffffff80201000;
}

static void store_kernel(void)
{
	store(0xffffffff80201000);
}

static void load_direct_map(void)
{
	(void)*(volatile char *)0xffff800000100000;
}

static void load_noncanonical(void)
{
	(void)*(volatile char *)0x0000800000000000;
}

/* A stack pointer outside: #SS instead of #GP. */
static void push_noncanonical(void)
{
	__asm__ volatile("movq $1, %%rsp\n\tshlq $47, %%rsp\n\tpushq $0" ::: "memory");
}

static void jump_kernel(void)
{
	((void (*)(void))0xffffffff80201000)();
}

static void jump_noncanonical(void)
{
	((void (*)(void))0x8000000000000000)();
}

static void run_stack(void)
{
	volatile unsigned char code[] = { 0xc3 };

	((void (*)(void))code)();
}

static void run_heap(void)
{
	unsigned char *code =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	code[0] = 0xc3;
	((void (*)(void))code)();
}

/* The page that ends at 2^47 is never given out: no SYSCALL may stand there. */
static void map_top(void)
{
	void *top = mmap((void *)0x7ffffffff000, PAGE, PROT_READ | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	_exit(top == MAP_FAILED ? 0 : SURVIVED);
}

static void divide(void)
{
	__asm__ volatile("xorl %%edx, %%edx\n\tmovl $1, %%eax\n\txorl %%ecx, %%ecx\n\tdivl %%ecx" ::
				 : "eax", "ecx", "edx");
}

#define DEED(name, code)                             \
	static void name(void)                       \
	{                                            \
		__asm__ volatile(code ::: "memory"); \
	}
DEED(undefined, "ud2")
DEED(breakpoint, "int3")
DEED(interrupts_off, "cli")
DEED(port_read, "inb $0x60, %%al")
DEED(halt, "hlt")
DEED(interrupt_1, "int $1")
DEED(interrupt_2, "int $2")
DEED(interrupt_8, "int $8")
DEED(interrupt_14, "int $14")
DEED(interrupt_32, "int $0x20")
DEED(interrupt_128, "int $0x80")
DEED(interrupt_255, "int $0xff")
DEED(read_cr0, "movq %%cr0, %%rax")
DEED(write_cr4, "movq %%rax, %%cr4")
DEED(load_idt, "lidt (%%rsp)")
DEED(read_msr, "movl $0xc0000080, %%ecx\n\trdmsr")
DEED(kernel_return, "swapgs\n\tsysretq")
DEED(sysenter, "sysenter")
DEED(trap_flag, "pushfq\n\torl $0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop")

/* Never reached, though the compiler cannot know. */
static volatile unsigned bottom = -1U;

/* Not optimised into a loop: each level is used after the next returns. */
static unsigned __attribute__((noinline)) descend(unsigned depth)
{
	volatile char frame[1024];

	frame[0] = depth;
	return depth == bottom ? 0 : descend(depth + 1) + frame[0];
}

static void overflow_stack(void)
{
	descend(0);
}

static const struct {
	const char *name;
	void (*deed)(void);
} deeds[] = {
	{ "null", store_null },
	{ "ro", store_read_only },
	{ "none", load_none },
	{ "kernel", load_kernel },
	{ "kernel-store", store_kernel },
	{ "directmap", load_direct_map },
	{ "noncanonical", load_noncanonical },
	{ "stack-noncanonical", push_noncanonical },
	{ "jump-kernel", jump_kernel },
	{ "jump-noncanonical", jump_noncanonical },
	{ "nx", run_stack },
	{ "nx-heap", run_heap },
	{ "top-page", map_top },
	{ "div", divide },
	{ "ud2", undefined },
	{ "int3", breakpoint },
	{ "cli", interrupts_off },
	{ "in", port_read },
	{ "hlt", halt },
	{ "int1", interrupt_1 },
	{ "int2", interrupt_2 },
	{ "int8", interrupt_8 },
	{ "int14", interrupt_14 },
	{ "int32", interrupt_32 },
	{ "int128", interrupt_128 },
	{ "int255", interrupt_255 },
	{ "cr0", read_cr0 },
	{ "cr4", write_cr4 },
	{ "lidt", load_idt },
	{ "rdmsr", read_msr },
	{ "swapgs", kernel_return },
	{ "sysenter", sysenter },
	{ "trap", trap_flag },
	{ "stackoverflow", overflow_stack },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(deeds); i++)
		if (strcmp(argv[1], deeds[i].name) == 0) {
			deeds[i].deed();
			say("crash: came back from %s\n", argv[1]);
			return SURVIVED;
		}
	say("usage: crash DEED, one of:");
	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++)
		say(" %s", deeds[i].name);
	say("\n");
	return 2;
}
