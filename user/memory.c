// SPDX-License-Identifier: MIT
/* mmap, munmap, mprotect and brk, held against Linux's answers. TAP on standard output. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tap.h"

#define RW        (PROT_READ | PROT_WRITE)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

static long map(unsigned long address, size_t bytes, int protection, int flags)
{
	return RAW(SYS_mmap, address, bytes, protection, flags, -1UL, 0);
}

/* Whether the kernel, on our behalf, may write there: tells without dying. */
static bool is_writable(int zero, unsigned long address)
{
	return RAW(SYS_read, zero, address, 1) == 1;
}

static void check_anonymous(int zero)
{
	long area = map(0, 4 * PAGE, RW, ANONYMOUS);
	char *bytes = (char *)area;

	tap_true("mmap four pages", area > 0 && area % PAGE == 0);
	tap_true("they are zero", bytes[0] == 0 && bytes[4 * PAGE - 1] == 0);
	memset(bytes, 0x11, 4 * PAGE);
	tap_answer("mprotect the second read-only", RAW(SYS_mprotect, area + PAGE, PAGE, PROT_READ),
		   0);
	tap_true("the first is still writable", is_writable(zero, area + PAGE - 1));
	tap_true("the second is not", !is_writable(zero, area + PAGE));
	tap_true("the third is still writable", is_writable(zero, area + 2 * PAGE));
	tap_true("the second kept its bytes", bytes[PAGE] == 0x11 && bytes[2 * PAGE - 1] == 0x11);
	tap_answer("mprotect back", RAW(SYS_mprotect, area + PAGE, PAGE, RW), 0);
	tap_true("writable again", is_writable(zero, area + PAGE));
	tap_answer("munmap the third", RAW(SYS_munmap, area + 2 * PAGE, PAGE), 0);
	tap_true("it is gone", !is_writable(zero, area + 2 * PAGE));
	tap_true("its neighbours are not",
		 is_writable(zero, area + 2 * PAGE - 1) && is_writable(zero, area + 3 * PAGE));
	tap_answer("mprotect across the hole", RAW(SYS_mprotect, area, 4 * PAGE, PROT_READ),
		   -ENOMEM);
	tap_answer("mmap into the hole, at that address",
		   map(area + 2 * PAGE, PAGE, RW, ANONYMOUS | MAP_FIXED), area + 2 * PAGE);
	tap_true("it is zero", bytes[2 * PAGE] == 0 && bytes[3 * PAGE - 1] == 0);
	tap_answer("mmap over the last, at that address",
		   map(area + 3 * PAGE, PAGE, RW, ANONYMOUS | MAP_FIXED), area + 3 * PAGE);
	tap_true("it is new", bytes[3 * PAGE] == 0);
	tap_answer("munmap all, and more", RAW(SYS_munmap, area, 4 * PAGE), 0);
	tap_answer("munmap where nothing is", RAW(SYS_munmap, area, 4 * PAGE), 0);
	tap_true("nothing is left",
		 !is_writable(zero, area) && !is_writable(zero, area + 3 * PAGE));
}

static void check_refusals(void)
{
	tap_answer("mmap of no bytes", map(0, 0, RW, ANONYMOUS), -EINVAL);
	tap_answer("mmap of 2^63 bytes", map(0, 1UL << 63, RW, ANONYMOUS), -ENOMEM);
	tap_answer("mmap of 2^64-1 bytes", map(0, -1UL, RW, ANONYMOUS), -ENOMEM);
	tap_answer("mmap neither private nor shared", map(0, PAGE, RW, MAP_ANONYMOUS), -EINVAL);
	tap_answer("mmap at an unaligned address", map(0x10001, PAGE, RW, ANONYMOUS | MAP_FIXED),
		   -EINVAL);
	tap_answer("mmap beyond user addresses",
		   map(0x800000000000, PAGE, RW, ANONYMOUS | MAP_FIXED), -ENOMEM);
	tap_answer("mmap of a bad descriptor",
		   RAW(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 999, 0), -EBADF);
	tap_answer("mmap at an unaligned offset",
		   RAW(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, 999, 1), -EINVAL);
	tap_answer("munmap of no bytes", RAW(SYS_munmap, 0x10000, 0), -EINVAL);
	tap_answer("munmap at an unaligned address", RAW(SYS_munmap, 0x10001, PAGE), -EINVAL);
	tap_answer("munmap in the kernel", RAW(SYS_munmap, 0xffffffff80000000, PAGE), -EINVAL);
	tap_answer("mprotect at an unaligned address", RAW(SYS_mprotect, 0x10001, PAGE, RW),
		   -EINVAL);
	tap_answer("mprotect of no bytes", RAW(SYS_mprotect, 0x10000, 0, RW), 0);
	tap_answer("mprotect where nothing is", RAW(SYS_mprotect, 0x10000, PAGE, RW), -ENOMEM);
	tap_answer("mprotect in the kernel", RAW(SYS_mprotect, 0xffffffff80000000, PAGE, RW),
		   -ENOMEM);
}

static void check_brk(void)
{
	long start = RAW(SYS_brk, 0);
	long aligned = (start + PAGE - 1) & -PAGE;
	char *bytes = (char *)aligned;

	tap_true("brk(0) tells where it is", start > 0);
	tap_answer("brk grows", RAW(SYS_brk, aligned + 3 * PAGE), aligned + 3 * PAGE);
	tap_true("what it gives is zero", bytes[0] == 0 && bytes[3 * PAGE - 1] == 0);
	memset(bytes, 0x33, 3 * PAGE);
	tap_answer("brk shrinks", RAW(SYS_brk, aligned + PAGE), aligned + PAGE);
	tap_answer("brk grows again", RAW(SYS_brk, aligned + 3 * PAGE), aligned + 3 * PAGE);
	tap_true("what it gives is zero again", bytes[PAGE] == 0 && bytes[3 * PAGE - 1] == 0);
	tap_true("what was kept is kept", bytes[PAGE - 1] == 0x33);
	tap_answer("brk into the kernel is refused", RAW(SYS_brk, 0xffffffff80000000),
		   aligned + 3 * PAGE);
	tap_answer("brk below its start is refused", RAW(SYS_brk, PAGE), aligned + 3 * PAGE);
	tap_answer("brk back", RAW(SYS_brk, start), start);
}

static void check_file(const char *own_path)
{
	int fd = RAW(SYS_open, WORD(own_path), O_RDONLY);
	long area = RAW(SYS_mmap, 0, PAGE, RW, MAP_PRIVATE, fd, 0);

	tap_true("mmap a file privately", area > 0);
	tap_true("its bytes are there", area > 0 && memcmp((char *)area, "\177ELF", 4) == 0);
	if (area > 0)
		*(char *)area = 0;
	close(fd);
	fd = RAW(SYS_open, WORD(own_path), O_RDONLY);
	area = RAW(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	tap_true("what was written stayed private", area > 0 && *(char *)area == 0x7f);
	close(fd);
}

int main(int argc, char **argv)
{
	int zero = RAW(SYS_open, WORD("/dev/zero"), O_RDONLY);

	check_anonymous(zero);
	check_refusals();
	check_brk();
	check_file(argc > 1 ? argv[1] : argv[0]);
	return tap_end();
}
