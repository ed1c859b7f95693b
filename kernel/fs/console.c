/* SPDX-License-Identifier: MIT */
/*
 * The terminal on COM1: output as it comes; input by the line with echo and erase, or byte by
 * byte, as termios asks. Nothing interrupts for input: who waits for it looks every few
 * milliseconds.
 */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <kernel/fs/device.h>
#include <kernel/fs/poll.h>
#include <kernel/proc/process.h>
#include <kernel/sched/mutex.h>
#include <kernel/sched/wait.h>
#include <linux/fcntl.h>
#include <quench/log.h>
#include <quench/string.h>

#define LOOK_NS UINT64_C(5000000) /* between two looks at the line */

static struct {
	struct mutex lock; /* protects all of this */
	char text[256];    /* [taken,ready) can be read, [ready,length) is being typed */
	size_t length, ready, taken;
	bool at_end; /* ^D: the next read gets nothing */
	struct termios settings;
	struct winsize size;
	int foreground; /* process group, as TIOCSPGRP set it */
} console = {
	.lock = MUTEX_INIT(console.lock),
	.settings = {
		.c_iflag = ICRNL | IXON,
		.c_oflag = OPOST | ONLCR,
		.c_cflag = B38400 | CS8 | CREAD | HUPCL,
		.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
		.c_cc = { [VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4,
			  [VMIN] = 1, [VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18,
			  [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22 },
	},
	.size = { .ws_row = 24, .ws_col = 80 },
};

static bool wants(unsigned flag)
{
	return console.settings.c_lflag & flag;
}

static bool is_char(char c, unsigned which)
{
	return c && (u8)c == console.settings.c_cc[which];
}

static void echo(const char *bytes, size_t n)
{
	if (wants(ECHO))
		log_bytes(bytes, n);
}

static void erase(void)
{
	if (console.length == console.ready)
		return;
	console.length--;
	echo("\b \b", 3);
}

/* Editing of the line in hand; false: the byte is to be kept. */
static bool edits(char c)
{
	if (!wants(ICANON))
		return false;
	if (is_char(c, VEOF)) {
		console.at_end = console.length == console.taken;
		console.ready = console.length;
		return true;
	}
	if (is_char(c, VERASE) || c == '\b') {
		erase();
		return true;
	}
	if (!is_char(c, VKILL))
		return false;
	while (console.length > console.ready)
		erase();
	return true;
}

/* Takes one byte that was typed. */
static void typed(char c)
{
	if (c == '\r' && console.settings.c_iflag & ICRNL)
		c = '\n';
	if (edits(c))
		return;
	/* The last place is the newline's. */
	if (console.length >= sizeof(console.text) - (c != '\n'))
		return;
	console.text[console.length++] = c;
	echo(&c, 1);
	if (!wants(ICANON) || c == '\n')
		console.ready = console.length;
}

/* Whether a read would not wait. */
static bool look(void)
{
	int c;

	if (console.taken == console.length)
		console.taken = console.ready = console.length = 0;
	while ((c = arch_console_read()) >= 0)
		typed((char)c);
	return console.ready > console.taken || console.at_end;
}

/* Waits for input with the lock held, given back meanwhile. */
static int await_input(const struct file *file)
{
	while (!look()) {
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		if (!wants(ICANON) && !console.settings.c_cc[VMIN])
			return 0;
		mutex_unlock(&console.lock);
		sched_prepare(TASK_INTERRUPTIBLE);
		sched_sleep_until(arch_clock_ns() + LOOK_NS);
		mutex_lock(&console.lock);
		if (wait_interrupted(TASK_INTERRUPTIBLE))
			return -ERESTARTSYS;
	}
	return 0;
}

static s64 read_ready(struct user_buffer *to)
{
	size_t n = console.ready - console.taken, done;

	console.at_end = false;
	if (n > to->bytes)
		n = to->bytes;
	for (size_t i = 0; wants(ICANON) && i < n; i++) {
		if (console.text[console.taken + i] == '\n')
			n = i + 1;
	}
	done = user_buffer_give(to, console.text + console.taken, n);
	console.taken += done;
	return done || !n ? (s64)done : -EFAULT;
}

static s64 console_read(struct file *file, struct user_buffer *to, u64 *position)
{
	s64 result;

	if (!to->bytes)
		return 0;
	mutex_lock(&console.lock);
	result = await_input(file);
	if (!result)
		result = read_ready(to);
	mutex_unlock(&console.lock);
	return result;
}

static s64 console_write(struct file *file, struct user_buffer *from, u64 *position)
{
	char part[256];
	s64 total = 0;

	while (from->bytes) {
		size_t want = from->bytes < sizeof(part) ? from->bytes : sizeof(part);
		size_t done = user_buffer_take(from, part, want);

		log_bytes(part, done);
		total += (s64)done;
		if (done < want)
			return total ? total : -EFAULT;
	}
	return total;
}

static unsigned console_poll(struct file *file, struct poll_table *table)
{
	bool ready;

	poll_again_after(table, LOOK_NS);
	mutex_lock(&console.lock);
	ready = look();
	mutex_unlock(&console.lock);
	return POLLOUT | POLLWRNORM | (ready ? POLLIN | POLLRDNORM : 0);
}

static s64 give(void __user *to, const void *from, size_t n)
{
	return copy_to_user(to, from, n) ? -EFAULT : 0;
}

static s64 set_attributes(u32 request, const void __user *from)
{
	struct termios settings;

	if (copy_from_user(&settings, from, sizeof(settings)))
		return -EFAULT;
	console.settings = settings;
	if (request == TCSETSF)
		console.taken = console.ready = console.length = 0;
	/* What was being typed does not wait for a newline any more. */
	if (!wants(ICANON))
		console.ready = console.length;
	return 0;
}

static s64 set_foreground(const void __user *from)
{
	u32 group;

	if (get_user_32(&group, from))
		return -EFAULT;
	if ((int)group <= 0)
		return -EINVAL;
	console.foreground = (int)group;
	return 0;
}

static s64 bytes_ready(void __user *to)
{
	look();
	return put_user_32((u32)(console.ready - console.taken), to);
}

static s64 control(u32 request, void __user *pointer)
{
	switch (request) {
	case TCGETS:
		return give(pointer, &console.settings, sizeof(console.settings));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_attributes(request, pointer);
	case TIOCGWINSZ:
		return give(pointer, &console.size, sizeof(console.size));
	case TIOCSWINSZ:
		return copy_from_user(&console.size, pointer, sizeof(console.size)) ? -EFAULT : 0;
	case TIOCGPGRP:
		return put_user_32((u32)console.foreground, pointer);
	case TIOCSPGRP:
		return set_foreground(pointer);
	case FIONREAD:
		return bytes_ready(pointer);
	case TIOCSCTTY:
	case TCSBRK:
	case TCFLSH:
	case TCXONC:
		return 0;
	default:
		return -ENOTTY;
	}
}

static s64 console_control(struct file *file, u32 request, u64 argument)
{
	s64 result;

	mutex_lock(&console.lock);
	result = control(request, (void __user *)argument);
	mutex_unlock(&console.lock);
	return result;
}

const struct file_operations console_operations = {
	.read = console_read,
	.write = console_write,
	.control = console_control,
	.poll = console_poll,
};
