/* SPDX-License-Identifier: MIT */
/* Ends of the kernel that are not its programs' doing. */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/smp.h>
#include <kernel/lib/panic.h>
#include <kernel/lib/records_reset.h>
#include <kernel/lib/symbols.h>
#include <quench/format.h>
#include <quench/log.h>
#include <quench/records.h>

static bool panicking;

static void print_caller(u64 address)
{
	char text[SYMBOL_TEXT_BYTES];

	symbol_format(text, sizeof(text), address);
	log_line("    %s", text);
}

/* What can still be done when panicking itself faulted. */
static __noreturn void give_up(void)
{
	static const char text[] = "panic within a panic; halted\n";

	arch_line_write(ARCH_LINE_CONSOLE, text, sizeof(text) - 1);
	arch_exit(ARCH_PANIC, ARCH_EXIT_DEBUG);
}

static __noreturn void end(u64 rip, u64 rbp, const struct trap_frame *frame, const char *why)
{
	char symbol[SYMBOL_TEXT_BYTES];

	arch_interrupts_off();
	arch_stop_others();
	if (panicking)
		give_up();
	panicking = true;
	symbol_format(symbol, sizeof(symbol), rip);
	log_line("\nKERNEL PANIC: %s\n  at rip 0x%lx %s", why, rip, symbol);
	if (frame)
		arch_print_frame(frame);
	log_line("  called from:");
	arch_backtrace(rbp, print_caller);
	record_reset();
	record_begin("panic");
	record_string("why", why);
	record_address("rip", rip);
	record_string("symbol", symbol);
	record_end();
	arch_exit(ARCH_PANIC, ARCH_EXIT_DEBUG);
}

void panic(const char *format, ...)
{
	char why[256];
	va_list args;

	va_start(args, format);
	format_v(why, sizeof(why), format, args);
	va_end(args);
	end((u64)__builtin_return_address(0), (u64)__builtin_frame_address(0), NULL, why);
}

void panic_at(const struct trap_frame *frame, const char *format, ...)
{
	char why[256];
	va_list args;

	va_start(args, format);
	format_v(why, sizeof(why), format, args);
	va_end(args);
	end(frame->rip, (u64)__builtin_frame_address(0), frame, why);
}

void refuse(const char *format, ...)
{
	char why[512];
	va_list args;

	va_start(args, format);
	format_v(why, sizeof(why), format, args);
	va_end(args);
	log_line("quench: %s", why);
	record_reset();
	record_begin("fail");
	record_string("why", why);
	record_end();
	record_begin("exit");
	record_u64("status", 1);
	record_end();
	arch_exit(ARCH_FAIL, ARCH_EXIT_DEBUG);
}
