/* SPDX-License-Identifier: MIT */
/* The end of the machine: QEMU's debug exit, power off, reset, or at least a halt. */
#include <arch/cpu.h>
#include <arch/smp.h>
#include <x86/descriptors.h>
#include <x86/io.h>
#include <x86/machine.h>

#define DEBUG_EXIT 0xf4

/* ACPI Specification, "PM1 Control Registers": SLP_EN with sleep type 0, soft off on QEMU's
 * machines, at the places where SeaBIOS and OVMF, or older QEMUs, put the register. */
#define PM1_SLEEP_ENABLE 0x2000
static const u16 pm1_control_ports[] = { 0x604, 0xb004 };

/* ICH9 data sheet, "Reset Control Register"; then the keyboard controller's reset line. */
#define RESET_CONTROL      0xcf9
#define RESET_HARD         0x02
#define RESET_NOW          0x04
#define KEYBOARD_COMMAND   0x64
#define KEYBOARD_RESET_CPU 0xfe

static void power_off(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pm1_control_ports); i++)
		x86_out16(pm1_control_ports[i], PM1_SLEEP_ENABLE);
}

/* The last resort is an exception with no table to take it: a triple fault resets any PC. */
static void reboot(void)
{
	static const struct x86_table_pointer no_table;

	x86_out8(RESET_CONTROL, RESET_HARD);
	x86_out8(RESET_CONTROL, RESET_HARD | RESET_NOW);
	x86_out8(KEYBOARD_COMMAND, KEYBOARD_RESET_CPU);
	__asm__ volatile("lidt %0\n\tint3" ::"m"(no_table) : "memory");
}

void arch_exit(enum arch_verdict verdict, enum arch_exit how)
{
	arch_interrupts_off();
	arch_stop_others();
	x86_console_drain();
	x86_out8(DEBUG_EXIT, (u8)verdict);
	if (how == ARCH_EXIT_POWEROFF)
		power_off();
	else if (how == ARCH_EXIT_REBOOT)
		reboot();
	for (;;)
		__asm__ volatile("cli\n\thlt" ::: "memory");
}
