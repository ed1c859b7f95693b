// SPDX-License-Identifier: MIT
/* The demo's second half: counts, lengths, vectors and paths whose ends are in the wrong place. */
#include <fcntl.h>

#include "../user.h"
#include "demo.h"

#define TEXT_WIDTH 62

static void show(const char *text, long answer, long expected)
{
	char name[24];
	bool right = demo_judge(answer, expected);

	say("%-*s %-12s %s\n", TEXT_WIDTH, text, answer_name(answer, name), right ? "ok" : "WRONG");
	demo.rows++;
}

static long filled_with(const char *bytes, size_t n, char value)
{
	size_t i = 0;

	while (i < n && bytes[i] == value)
		i++;
	return i;
}

static void show_counts(void)
{
	char first[100];

	RAW(SYS_pread64, demo.file, WORD(first), sizeof(first), 0);
	RAW(SYS_lseek, demo.file, 0, SEEK_SET);
	show("read 200 where 100 are mapped", RAW(SYS_read, demo.file, WORD(demo.hole - 100), 200),
	     100);
	show("  the file position is then", RAW(SYS_lseek, demo.file, 0, SEEK_CUR), 100);
	show("  and of the 100 bytes differ from the file's",
	     memcmp(first, demo.hole - 100, sizeof(first)) != 0, 0);
	show("read 200 into the hole", RAW(SYS_read, demo.file, WORD(demo.hole), 200), -EFAULT);
	show("  the file position is still", RAW(SYS_lseek, demo.file, 0, SEEK_CUR), 100);
	show("bytes of the read-only page that kept their value",
	     filled_with(demo.read_only, PAGE, READ_ONLY_FILL), PAGE);
	show("clock_gettime, 15 of 16 bytes mapped",
	     RAW(SYS_clock_gettime, 0, WORD(demo.hole - 15)), -EFAULT);
	show("uname, 389 of 390 bytes mapped", RAW(SYS_uname, WORD(demo.hole - 389)), -EFAULT);
	show("fstat, 143 of 144 bytes mapped", RAW(SYS_fstat, demo.file, WORD(demo.hole - 143)),
	     -EFAULT);
	show("fstat, all 144 bytes mapped", RAW(SYS_fstat, demo.file, WORD(demo.hole - 144)), 0);
}

static void show_lengths(void)
{
	unsigned long top = USER_END - PAGE;

	show("read 2^63 bytes", RAW(SYS_read, demo.file, WORD(demo.valid), 1UL << 63), -EFAULT);
	show("read 2^64-1 bytes: the end wraps", RAW(SYS_read, demo.file, WORD(demo.valid), -1UL),
	     -EFAULT);
	show("write 2^63 bytes", RAW(SYS_write, 1, WORD(demo.valid), 1UL << 63), -EFAULT);
	show("write 2^64-1 bytes: the end wraps", RAW(SYS_write, 1, WORD(demo.valid), -1UL),
	     -EFAULT);
	show("read 1 byte to address -1", RAW(SYS_read, demo.file, -1UL, 1), -EFAULT);
	show("read 2 bytes to address -1: the end wraps", RAW(SYS_read, demo.file, -1UL, 2),
	     -EFAULT);
	show("write 1 byte from address 2^47-4096", RAW(SYS_write, 1, top, 1), -EFAULT);
	show("write 0 bytes from the kernel", RAW(SYS_write, 1, KERNEL_TEXT, 0), -EFAULT);
	show("write 0 bytes from NULL", RAW(SYS_write, 1, 0, 0), 0);
	show("read 0 bytes to NULL", RAW(SYS_read, demo.file, 0, 0), 0);
}

static long vector_call(long number, int fd, void *second, size_t bytes)
{
	struct iovec iov[3] = { { demo.valid, 10 }, { second, bytes }, { demo.valid, 10 } };

	RAW(SYS_lseek, demo.file, 0, SEEK_SET);
	return RAW(number, fd, WORD(iov), 3);
}

static void show_vectors(void)
{
	struct iovec one = { demo.valid, 10 };

	show("readv of -1 vectors", RAW(SYS_readv, demo.file, WORD(&one), -1UL), -EINVAL);
	show("writev of -1 vectors", RAW(SYS_writev, 1, WORD(&one), -1UL), -EINVAL);
	show("readv of 1025 vectors", RAW(SYS_readv, demo.file, WORD(&one), 1025), -EINVAL);
	show("writev of 0 vectors at NULL", RAW(SYS_writev, 1, 0, 0), 0);
	show("readv 10, 10 in the hole, 10", vector_call(SYS_readv, demo.file, demo.hole, 10), 10);
	show("readv 10, 10 of which 4 are mapped, 10",
	     vector_call(SYS_readv, demo.file, demo.hole - 4, 10), 14);
	show("  the file position is then", RAW(SYS_lseek, demo.file, 0, SEEK_CUR), 14);
	show("readv 10, 10 in the kernel, 10: nothing is read",
	     vector_call(SYS_readv, demo.file, (void *)KERNEL_TEXT, 10), -EFAULT);
	show("  the file position is then", RAW(SYS_lseek, demo.file, 0, SEEK_CUR), 0);
	show("readv 10, -1, 10", vector_call(SYS_readv, demo.file, demo.valid, -1UL), -EINVAL);
	show("writev 10, -1, 10", vector_call(SYS_writev, 1, demo.valid, -1UL), -EINVAL);
	show("writev 10, 10 in the kernel, 10: nothing is written",
	     vector_call(SYS_writev, 1, (void *)KERNEL_TEXT, 10), -EFAULT);
}

static long open_at(const char *path)
{
	return RAW(SYS_open, WORD(path), O_RDONLY);
}

static void show_paths(void)
{
	memcpy(demo.hole - 8, "/absent", 8);
	show("open a path whose NUL is the last byte before the hole", open_at(demo.hole - 8),
	     -ENOENT);
	demo.hole[-1] = 't';
	show("open a path that runs into the hole", open_at(demo.hole - 8), -EFAULT);
	show("open \"\" as the last byte before the hole",
	     (demo.hole[-1] = 0, open_at(demo.hole - 1)), -ENOENT);
	memset(demo.valid, 'p', 2 * PAGE);
	demo.valid[4999] = 0;
	show("open a path of 4999 bytes", open_at(demo.valid), -ENAMETOOLONG);
}

void demo_special(void)
{
	say("\n");
	show_counts();
	show_lengths();
	show_vectors();
	show_paths();
}
