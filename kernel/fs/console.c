/* SPDX-License-Identifier: MIT */
/* The terminal on COM1: output as it comes, input line by line with echo and erase. */
#include <arch/console.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/fs/device.h>
#include <quench/log.h>

#define END_OF_FILE 0x04 /* ^D */
#define BACKSPACE   0x08
#define DELETE      0x7f

static struct {
	char text[256];
	size_t length, taken;
} line;

static void erase(void)
{
	if (!line.length)
		return;
	line.length--;
	log_bytes("\b \b", 3);
}

/* Takes one byte that was typed; true when the line is complete. */
static bool typed(char c)
{
	if (c == '\r')
		c = '\n';
	if (c == END_OF_FILE)
		return true;
	if (c == BACKSPACE || c == DELETE) {
		erase();
		return false;
	}
	/* The last place is the newline's. */
	if (c != '\n' && line.length == sizeof(line.text) - 1)
		return false;
	line.text[line.length++] = c;
	log_bytes(&c, 1);
	return c == '\n';
}

/* Waits for a whole line. */
static void fetch_line(void)
{
	int c;

	line.length = line.taken = 0;
	do {
		do
			c = arch_console_read();
		while (c < 0);
	} while (!typed((char)c));
}

static s64 console_read(struct file *file, void __user *buffer, size_t n, u64 *position)
{
	size_t left;

	if (!n)
		return 0;
	if (line.taken == line.length)
		fetch_line();
	if (n > line.length - line.taken)
		n = line.length - line.taken;
	left = copy_to_user(buffer, line.text + line.taken, n);
	line.taken += n - left;
	return left && left == n ? -EFAULT : (s64)(n - left);
}

static s64 console_write(struct file *file, const void __user *buffer, size_t n, u64 *position)
{
	char part[256];
	size_t done = 0;

	while (done < n) {
		size_t want = n - done < sizeof(part) ? n - done : sizeof(part);
		size_t left = copy_from_user(part, (const char __user *)buffer + done, want);

		log_bytes(part, want - left);
		done += want - left;
		if (left)
			return done ? (s64)done : -EFAULT;
	}
	return (s64)done;
}

const struct file_operations console_operations = {
	.read = console_read,
	.write = console_write,
};
