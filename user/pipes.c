// SPDX-License-Identifier: MIT
/* Pipes and FIFOs as programs see them, held against Linux's answers. TAP on standard output. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "scratch.h"
#include "tap.h"

#define CAPACITY (16 * PAGE)

static char buffer[CAPACITY + PAGE];
static char *edge; /* two pages end here; behind is nothing */
static int fds[2];

static void new_pipe(int flags)
{
	close(fds[0]);
	close(fds[1]);
	if (pipe2(fds, flags))
		_exit(2);
}

static long wr(const void *from, unsigned long n)
{
	return RAW(SYS_write, fds[1], WORD(from), n);
}
static long rd(void *to, unsigned long n)
{
	return RAW(SYS_read, fds[0], WORD(to), n);
}
static long queued(void)
{
	int n = -1;

	return RAW(SYS_ioctl, fds[0], FIONREAD, WORD(&n)) ? -1 : n;
}
static long fill(unsigned long each)
{
	long writes = 0;

	while (wr(buffer, each) == (long)each)
		writes++;
	return writes;
}
static long drain(void)
{
	long total = 0, n;

	while ((n = rd(buffer, sizeof(buffer))) > 0)
		total += n;
	return total;
}

static void check_capacity(void)
{
	static const struct {
		unsigned long each;
		long writes;
	} cases[] = {
		{ 4096, 16 }, { 1, 65536 }, { 2048, 32 }, { 2049, 16 },
		{ 3000, 16 }, { 1365, 48 }, { 64, 1024 },
	};
	char name[64];

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		new_pipe(O_NONBLOCK);
		snprintf(name, sizeof(name), "writes of %lu until it is full", cases[i].each);
		tap_answer(name, fill(cases[i].each), cases[i].writes);
		tap_answer("then EAGAIN", wr(buffer, cases[i].each), -EAGAIN);
		tap_answer("all of it comes out", drain(), cases[i].writes * (long)cases[i].each);
		tap_answer("then EAGAIN", rd(buffer, 1), -EAGAIN);
	}
	new_pipe(O_NONBLOCK);
	fill(4096);
	tap_answer("full, one byte read: no room for a byte yet", (rd(buffer, 1), wr(buffer, 1)),
		   -EAGAIN);
	tap_answer("the rest of that page read: room", (rd(buffer, 4095), wr(buffer, 1)), 1);
	new_pipe(O_NONBLOCK);
	tap_answer("a write larger than the pipe is cut", wr(buffer, CAPACITY + 1000), CAPACITY);
	new_pipe(O_NONBLOCK);
	wr(buffer, 1000);
	tap_answer("1000 queued: 4096 + 96 joins 96", wr(buffer, 4096 + 96), 4096 + 96);
	tap_answer("so 15 pages are left less one", fill(4096), 14);
}

static void check_order(void)
{
	unsigned in = 0, out = 0, wrong = 0;

	/* Lengths that begin, join and end pages in every way. */
	new_pipe(O_NONBLOCK);
	for (unsigned round = 0; round < 2000; round++) {
		unsigned char bytes[700];
		unsigned n = round * 7919 % 700 + 1, m = round * 104729 % 700 + 1;

		for (unsigned i = 0; i < n; i++)
			bytes[i] = (unsigned char)((in + i) * 31 >> 3);
		if (wr(bytes, n) == (long)n)
			in += n;
		long got = rd(bytes, m);
		for (long i = 0; i < got; i++, out++)
			wrong += bytes[i] != (unsigned char)(out * 31 >> 3);
	}
	tap_answer("2000 writes and reads of all lengths: wrong bytes", wrong, 0);
	tap_answer("what is queued", queued(), (long)(in - out));
}

static void check_faults(void)
{
	unsigned long kernel = 0xffffffff81000000UL;

	new_pipe(O_NONBLOCK);
	tap_answer("write of 0 from NULL", wr(NULL, 0), 0);
	tap_answer("write of 0 from a kernel address", wr((void *)kernel, 0), -EFAULT);
	tap_answer("write from NULL", wr(NULL, 64), -EFAULT);
	tap_answer("write of -1 bytes", wr(buffer, -1UL), -EFAULT);
	tap_answer("200 bytes of which 100 are mapped", wr(edge - 100, 200), -EFAULT);
	tap_answer("nothing is queued", queued(), 0);
	tap_answer("8192 of which 4096 are mapped", wr(edge - 4096, 8192), 4096);
	tap_answer("one page is queued", queued(), 4096);
	tap_answer("8192 of which 100 are mapped", wr(edge - 100, 8192), -EFAULT);
	tap_answer("no more is queued", queued(), 4096);
	tap_answer("100 that join", (drain(), wr(buffer, 100)), 100);
	tap_answer("a join that fails", wr(edge - 10, 20), -EFAULT);
	tap_answer("still 100", queued(), 100);
	tap_answer("read of 100 into 50", rd(edge - 50, 100), -EFAULT);
	tap_answer("still 100", queued(), 100);
	tap_answer("read into NULL", rd(NULL, 100), -EFAULT);
	tap_answer("read of 0 into NULL", rd(NULL, 0), 0);
	tap_answer("two pages more", wr(buffer, 8192), 8192);
	tap_answer("read of all into 8192: the first two pieces", rd(edge - 8192, 8292),
		   100 + 4096);
	tap_answer("one page left", queued(), 4096);
	for (int i = 0; i < 40; i++)
		wr(NULL, 4096);
	tap_answer("40 failed writes took no room", fill(4096), 15);
}

static void check_vectors(void)
{
	char a[10] = "abcdefghi", b[10], c[100];
	struct iovec good[] = { { a, 3 }, { NULL, 0 }, { a + 3, 6 } };
	struct iovec bad[] = { { a, 3 }, { NULL, 5 }, { a, 3 } };
	struct iovec to[] = { { b, 4 }, { c, 100 } };

	new_pipe(O_NONBLOCK);
	tap_answer("writev", RAW(SYS_writev, fds[1], WORD(good), 3), 9);
	tap_answer("readv", RAW(SYS_readv, fds[0], WORD(to), 2), 9);
	tap_true("its bytes", !memcmp(b, "abcd", 4) && !memcmp(c, "efghi", 5));
	tap_answer("writev with a bad middle", RAW(SYS_writev, fds[1], WORD(bad), 3), -EFAULT);
	tap_answer("nothing is queued", queued(), 0);
	tap_answer("iovcnt 1025", RAW(SYS_writev, fds[1], WORD(good), 1025), -EINVAL);
	tap_answer("iovcnt -1", RAW(SYS_writev, fds[1], WORD(good), -1UL), -EINVAL);
	good[2].iov_len = -1UL;
	tap_answer("iov_len -1", RAW(SYS_writev, fds[1], WORD(good), 3), -EINVAL);
	tap_answer("writev to the reading end", RAW(SYS_writev, fds[0], WORD(bad), 3), -EBADF);
}

static long ready(int fd, int events)
{
	struct pollfd p = { fd, events, 0 };

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

static void check_ends(void)
{
	new_pipe(O_NONBLOCK);
	tap_answer("poll: empty", ready(fds[0], POLLIN), 0);
	tap_answer("poll: room", ready(fds[1], POLLOUT), POLLOUT);
	wr(buffer, 1);
	tap_answer("poll: something to read", ready(fds[0], POLLIN), POLLIN);
	fill(4096);
	tap_answer("poll: full", ready(fds[1], POLLOUT), 0);
	close(fds[0]);
	tap_answer("poll: nobody reads", ready(fds[1], POLLOUT), POLLERR);
	tap_answer("write: nobody reads", wr(buffer, 1), -EPIPE);
	fds[0] = -1;
	new_pipe(0);
	wr(buffer, 5);
	close(fds[1]);
	fds[1] = -1;
	tap_answer("poll: nobody writes, something left", ready(fds[0], POLLIN), POLLIN | POLLHUP);
	tap_answer("what is left", rd(buffer, 100), 5);
	tap_answer("poll: nobody writes", ready(fds[0], POLLIN), POLLHUP);
	tap_answer("then the end", rd(buffer, 100), 0);
	new_pipe(0);
	tap_answer("write to the reading end", RAW(SYS_write, fds[0], WORD(buffer), 1), -EBADF);
	tap_answer("read from the writing end", RAW(SYS_read, fds[1], WORD(buffer), 1), -EBADF);
	tap_answer("lseek", RAW(SYS_lseek, fds[0], 0, SEEK_SET), -ESPIPE);
	tap_answer("pread64", RAW(SYS_pread64, fds[0], WORD(buffer), 1, 0), -ESPIPE);
	tap_answer("ftruncate", RAW(SYS_ftruncate, fds[1], 0), -EINVAL);
	tap_answer("poll of a closed descriptor", ready(999, POLLIN), POLLNVAL);
}

static void check_pipe2(void)
{
	int next = dup(1), after;

	close(next);
	tap_answer("pipe2 to NULL", RAW(SYS_pipe2, 0, 0), -EFAULT);
	tap_answer("pipe2 to half a place", RAW(SYS_pipe2, WORD(edge - 4), 0), -EFAULT);
	tap_answer("pipe2 with bad flags", RAW(SYS_pipe2, WORD(fds), 1), -EINVAL);
	after = dup(1);
	close(after);
	tap_answer("no descriptor was lost", after, next);
	new_pipe(O_CLOEXEC);
	tap_answer("O_CLOEXEC", fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	tap_answer("F_GETFL of the writing end", fcntl(fds[1], F_GETFL), O_WRONLY);
	tap_answer("F_GETPIPE_SZ", fcntl(fds[0], F_GETPIPE_SZ), CAPACITY);
	tap_answer("F_SETPIPE_SZ 5000", fcntl(fds[0], F_SETPIPE_SZ, 5000), 8192);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	tap_answer("two pages fit", fill(4096), 2);
	tap_answer("F_SETPIPE_SZ below what is queued",
		   fcntl(fds[0], F_SETPIPE_SZ, 4096) < 0 ? -errno : 0, -EBUSY);
	tap_answer("F_SETPIPE_SZ 32 pages", fcntl(fds[1], F_SETPIPE_SZ, 32 * PAGE),
		   32 * (long)PAGE);
	tap_answer("30 more fit", fill(4096), 30);
}

/* A megabyte from child to parent in odd pieces, both waiting for each other. */
static void check_flow(void)
{
	enum { TOTAL = 1 << 20 };
	unsigned wrong = 0, at = 0;
	int status;

	new_pipe(0);
	pid_t child = fork();

	if (!child) {
		for (unsigned done = 0; done < TOTAL;) {
			unsigned n = done * 13 % 9973 + 1;

			if (n > TOTAL - done)
				n = TOTAL - done;
			for (unsigned i = 0; i < n; i++)
				buffer[i] = (char)((done + i) * 17 >> 4);
			if (wr(buffer, n) != (long)n)
				_exit(1);
			done += n;
		}
		_exit(0);
	}
	close(fds[1]);
	fds[1] = -1;
	for (;;) {
		long n = rd(buffer, at * 7 % 20011 + 1);

		if (n <= 0)
			break;
		for (long i = 0; i < n; i++, at++)
			wrong += buffer[i] != (char)(at * 17 >> 4);
	}
	tap_answer("a megabyte through the pipe", at, TOTAL);
	tap_answer("wrong bytes", wrong, 0);
	tap_answer("the writer is well", waitpid(child, &status, 0) == child ? status : -1, 0);
}

/* Two readers take a byte each of what one writer puts there. */
static void check_two_readers(void)
{
	int status, well = 0;
	pid_t child[2];

	new_pipe(0);
	for (int i = 0; i < 2; i++) {
		child[i] = fork();
		if (!child[i])
			_exit(rd(buffer, 1) != 1);
	}
	for (int i = 0; i < 5; i++)
		sched_yield();
	wr("xy", 2);
	for (int i = 0; i < 2; i++)
		well += waitpid(child[i], &status, 0) == child[i] && !status;
	tap_answer("two readers, two bytes, one write", well, 2);
}

/* A child that writes a byte once the others have had their turn. */
static pid_t write_later(void)
{
	pid_t child = fork();

	if (child)
		return child;
	for (int i = 0; i < 5; i++)
		sched_yield();
	_exit(wr("x", 1) != 1);
}

static void check_waiting(void)
{
	struct timespec moment = { 0, 2000000 };
	struct timeval usec = { 0, 2000 };
	struct pollfd both[2];
	fd_set set;
	int status;

	new_pipe(0);
	both[0] = (struct pollfd){ fds[0], POLLIN, 0 };
	both[1] = (struct pollfd){ -1, POLLIN, 77 };
	tap_answer("poll: the time passes", RAW(SYS_poll, WORD(both), 2, 2), 0);
	tap_answer("a negative descriptor", both[1].revents, 0);
	tap_answer("ppoll: the time passes", RAW(SYS_ppoll, WORD(both), 2, WORD(&moment), 0, 8), 0);
	tap_answer("what is left of it", moment.tv_nsec, 0);
	pid_t child = write_later();
	tap_answer("poll: waits for the child", RAW(SYS_poll, WORD(both), 2, -1UL), 1);
	tap_answer("for this", both[0].revents, POLLIN);
	waitpid(child, &status, 0);
	rd(buffer, 1);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	tap_answer("select: the time passes",
		   RAW(SYS_select, fds[0] + 1, WORD(&set), 0, 0, WORD(&usec)), 0);
	tap_true("none is ready", !FD_ISSET(fds[0], &set));
	FD_SET(fds[0], &set);
	child = write_later();
	tap_answer("select: waits for the child", RAW(SYS_select, fds[0] + 1, WORD(&set), 0, 0, 0),
		   1);
	tap_true("for this", FD_ISSET(fds[0], &set));
	waitpid(child, &status, 0);
	FD_SET(60, &set);
	tap_answer("select of what is not open", RAW(SYS_select, 64, WORD(&set), 0, 0, 0), -EBADF);
	tap_answer("poll: bad pointer", RAW(SYS_poll, WORD(edge - 4), 1, 0), -EFAULT);
	tap_answer("select: bad pointer", RAW(SYS_select, 64, WORD(edge), 0, 0, 0), -EFAULT);
}

static void check_fifo(const char *path)
{
	int status, reader, writer;

	tap_answer("mknod of a FIFO", mkfifo(path, 0600) ? -errno : 0, 0);
	tap_answer("writing without a reader, not waiting",
		   open(path, O_WRONLY | O_NONBLOCK) < 0 ? -errno : 0, -ENXIO);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	tap_true("reading without a writer, not waiting", reader >= 0);
	tap_answer("no writer: the end", RAW(SYS_read, reader, WORD(buffer), 1), 0);
	writer = open(path, O_WRONLY | O_NONBLOCK);
	tap_true("writing with a reader", writer >= 0);
	tap_answer("a writer: EAGAIN", RAW(SYS_read, reader, WORD(buffer), 1), -EAGAIN);
	tap_answer("write", RAW(SYS_write, writer, WORD("abc"), 3), 3);
	tap_answer("read", RAW(SYS_read, reader, WORD(buffer), 9), 3);
	close(reader);
	close(writer);
	pid_t child = fork();

	if (!child) {
		writer = open(path, O_WRONLY);
		_exit(write(writer, "hello", 5) != 5);
	}
	reader = open(path, O_RDONLY);
	tap_answer("both opens wait for each other", RAW(SYS_read, reader, WORD(buffer), 9), 5);
	waitpid(child, &status, 0);
	tap_answer("the end", RAW(SYS_read, reader, WORD(buffer), 9), 0);
	close(reader);
	unlink(path);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	fds[0] = fds[1] = -1;
	edge = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	edge += 2 * PAGE;
	munmap(edge, PAGE);
	scratch_enter();
	check_capacity();
	check_order();
	check_faults();
	check_vectors();
	check_ends();
	check_pipe2();
	check_flow();
	check_two_readers();
	check_waiting();
	check_fifo("fifo");
	scratch_leave();
	return tap_end();
}
