/* SPDX-License-Identifier: MIT */
/* The two serial lines: 16550 UARTs at COM1 and COM2, polled. */
#include <arch/console.h>
#include <arch/spinlock.h>
#include <x86/io.h>
#include <x86/machine.h>
#include <x86/smp.h>

/* PC16550D data sheet, "Registers". */
enum {
	UART_DATA = 0,
	UART_DIVISOR_LOW = 0, /* the divisor's two with LCR_DLAB set */
	UART_DIVISOR_HIGH = 1,
	UART_IER = 1,
	UART_FCR = 2,
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_SCRATCH = 7,
};
#define LCR_8N1         0x03
#define LCR_DLAB        0x80
#define FCR_ENABLE      0x07 /* FIFOs on and emptied */
#define MCR_DTR_RTS     0x03
#define LSR_DATA_READY  0x01
#define LSR_THR_EMPTY   0x20
#define LSR_IDLE        0x40
#define UART_FIFO_BYTES 16

/* A transmitter that stays busy for so many polls, seconds at the least, is given up. */
#define PATIENCE (UINT32_C(1) << 24)

struct uart {
	u16 port;
	bool present;
	u8 room;                   /* bytes the FIFO surely has room for */
	struct arch_spinlock lock; /* one writer at a time; taken with interrupts off */
};

static struct uart uarts[] = {
	[ARCH_LINE_CONSOLE] = { .port = 0x3f8 },
	[ARCH_LINE_RECORDS] = { .port = 0x2f8 },
};

/* A register that keeps what is written proves that somebody is there. */
static bool uart_probe(u16 port)
{
	x86_out8(port + UART_SCRATCH, 0x5a);
	if (x86_in8(port + UART_SCRATCH) != 0x5a)
		return false;
	x86_out8(port + UART_SCRATCH, 0xa5);
	return x86_in8(port + UART_SCRATCH) == 0xa5;
}

static void uart_init(struct uart *uart)
{
	u16 port = uart->port;

	uart->present = uart_probe(port);
	if (!uart->present)
		return;
	x86_out8(port + UART_IER, 0);
	x86_out8(port + UART_LCR, LCR_DLAB);
	x86_out8(port + UART_DIVISOR_LOW, 1); /* 115200 baud */
	x86_out8(port + UART_DIVISOR_HIGH, 0);
	x86_out8(port + UART_LCR, LCR_8N1);
	x86_out8(port + UART_FCR, FCR_ENABLE);
	x86_out8(port + UART_MCR, MCR_DTR_RTS);
}

void x86_console_init(void)
{
	uart_init(&uarts[ARCH_LINE_CONSOLE]);
	uart_init(&uarts[ARCH_LINE_RECORDS]);
}

static void uart_wait(struct uart *uart, u8 status)
{
	for (u32 polls = 0; polls < PATIENCE; polls++)
		if (x86_in8(uart->port + UART_LSR) & status)
			return;
	uart->present = false;
}

static void uart_send(struct uart *uart, char byte)
{
	if (!uart->room) {
		uart_wait(uart, LSR_THR_EMPTY);
		uart->room = UART_FIFO_BYTES;
	}
	if (uart->present)
		x86_out8(uart->port + UART_DATA, (u8)byte);
	uart->room--;
}

static void write_locked(struct uart *uart, enum arch_line line, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && uart->present; i++) {
		if (bytes[i] == '\n' && line == ARCH_LINE_CONSOLE)
			uart_send(uart, '\r');
		uart_send(uart, bytes[i]);
	}
}

void arch_line_write(enum arch_line line, const char *bytes, size_t n)
{
	struct uart *uart = &uarts[line];
	u64 flags;

	if (x86_is_stopping()) {
		write_locked(uart, line, bytes, n);
		return;
	}
	flags = arch_spin_lock_irqsave(&uart->lock);
	write_locked(uart, line, bytes, n);
	arch_spin_unlock_irqrestore(&uart->lock, flags);
}

void x86_console_drain(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(uarts); i++)
		if (uarts[i].present)
			uart_wait(&uarts[i], LSR_IDLE);
}

int arch_console_read(void)
{
	const struct uart *uart = &uarts[ARCH_LINE_CONSOLE];

	if (!uart->present || !(x86_in8(uart->port + UART_LSR) & LSR_DATA_READY))
		return -1;
	return x86_in8(uart->port + UART_DATA);
}
