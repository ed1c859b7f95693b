/* SPDX-License-Identifier: MIT */
/*
 * The whole of what the arch may call in kernel/: one page, and nothing else. It lets the
 * arch stand on the ground instead of in a circle with the kernel.
 */
#pragma once

#include <quench/boot_info.h>
#include <quench/compiler.h>
#include <quench/types.h>

struct trap_frame;
struct full_frame;

/* The kernel's first C function after the arch has put boot_info together (kernel/main.c). */
__noreturn void kernel_main(const struct boot_info *info);

/*
 * kernel/trap.c, the one door. Interrupts are off on entry; each may return, which resumes the
 * frame, edited or not. A page fault is the program's or the kernel's own: `address` is
 * CR2, `error` the #PF error code (SDM volume 3, "Interrupt 14—Page-Fault Exception (#PF)").
 */
void kernel_user_page_fault(struct trap_frame *frame, vaddr_t address, u64 error);
void kernel_page_fault(struct trap_frame *frame, vaddr_t address, u64 error);
/* Every other exception; frame->vector and frame->error say which. */
void kernel_exception(struct trap_frame *frame);
/* Device interrupts, after EOI; frame->vector says which. */
void kernel_interrupt(struct trap_frame *frame);
/* The timer of this processor (<arch/timer.h>), after EOI. Interrupts off. */
void kernel_timer(struct trap_frame *frame);
/* A system call: number in frame->rax, arguments in rdi rsi rdx r10 r8 r9; sets frame->rax.
 * Interrupts are on. It changes nothing else in the frame: who wants to, asks for all of it. */
void kernel_syscall(struct trap_frame *frame);
/* The call asked with arch_want_full_frame: number in frame->trap.error, arguments as above; sets
 * frame->trap.rax, or whatever it likes. Interrupts on. */
void kernel_syscall_full(struct full_frame *frame);
/*
 * On the way to user mode with something in arch_task.work: does it and clears the bits; called
 * again until none is left. It may sleep, and may edit the frame. Interrupts on.
 */
void kernel_user_return_work(struct full_frame *frame);
/*
 * Another task should run and preemption is enabled: out of an interrupt of kernel code
 * (interrupts off), or from preempt_enable (either way; off means: do nothing). Returns with
 * interrupts as they were.
 */
void kernel_preempt(void);
/* A further processor's first function: on its own stack, interrupts off, preemption count 1,
 * arch_current() NULL. */
__noreturn void kernel_cpu_main(void);

/* One zeroed page for a page table (kernel/mm/page.c); 0 when memory is out. Given back it must be
 * all zero again. Any context. */
paddr_t kernel_table_page_alloc(void);
void kernel_table_page_free(paddr_t page);
