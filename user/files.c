// SPDX-License-Identifier: MIT
/* Files and devices as programs see them, held against Linux's answers. TAP on standard output. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tap.h"

static long open_raw(const char *path, int flags)
{
	return RAW(SYS_open, WORD(path), flags);
}

static void check_positions(int fd, long size)
{
	char first[64], second[64];

	tap_answer("lseek to the end gives the size", RAW(SYS_lseek, fd, 0, SEEK_END), size);
	tap_answer("read at the end", RAW(SYS_read, fd, WORD(first), 64), 0);
	tap_answer("lseek beyond the end", RAW(SYS_lseek, fd, size + 100, SEEK_SET), size + 100);
	tap_answer("read beyond the end", RAW(SYS_read, fd, WORD(first), 64), 0);
	tap_answer("lseek to -1", RAW(SYS_lseek, fd, -1UL, SEEK_SET), -EINVAL);
	tap_answer("lseek by an unknown whence", RAW(SYS_lseek, fd, 0, 99), -EINVAL);
	tap_answer("lseek back by 10 from the end", RAW(SYS_lseek, fd, -10UL, SEEK_END), size - 10);
	tap_answer("read 64 where 10 are left", RAW(SYS_read, fd, WORD(first), 64), 10);
	tap_answer("lseek to the start", RAW(SYS_lseek, fd, 0, SEEK_SET), 0);
	tap_answer("read 64", RAW(SYS_read, fd, WORD(first), 64), 64);
	tap_true("they are an ELF header", memcmp(first, "\177ELF", 4) == 0);
	tap_answer("pread64 from 0", RAW(SYS_pread64, fd, WORD(second), 64, 0), 64);
	tap_true("the same bytes", memcmp(first, second, 64) == 0);
	tap_answer("pread64 from -1", RAW(SYS_pread64, fd, WORD(second), 64, -1UL), -EINVAL);
	tap_answer("pread64 moves nothing", RAW(SYS_lseek, fd, 0, SEEK_CUR), 64);
}

static void check_regular(const char *own_path)
{
	struct stat by_fd, by_path;
	int fd = open_raw(own_path, O_RDONLY);

	tap_true("open a regular file", fd >= 0);
	tap_answer("fstat", RAW(SYS_fstat, fd, WORD(&by_fd)), 0);
	tap_answer("stat", RAW(SYS_stat, WORD(own_path), WORD(&by_path)), 0);
	tap_true("a regular file", S_ISREG(by_fd.st_mode));
	tap_true("the same file", by_fd.st_ino == by_path.st_ino && by_fd.st_dev == by_path.st_dev);
	tap_true("the same size", by_fd.st_size == by_path.st_size && by_fd.st_size > 64);
	check_positions(fd, by_fd.st_size);
	tap_answer("write through O_RDONLY", RAW(SYS_write, fd, WORD(own_path), 1), -EBADF);
	tap_answer("close", RAW(SYS_close, fd), 0);
	tap_answer("close again", RAW(SYS_close, fd), -EBADF);
	tap_answer("read after close", RAW(SYS_read, fd, WORD(&by_fd), 1), -EBADF);
	tap_answer("fstat after close", RAW(SYS_fstat, fd, WORD(&by_fd)), -EBADF);
	tap_answer("lseek after close", RAW(SYS_lseek, fd, 0, SEEK_SET), -EBADF);
	tap_answer("the lowest number is given again", open_raw(own_path, O_RDONLY), fd);
	close(fd);
}

static void check_paths(const char *own_path)
{
	char path[512];
	char byte;
	int fd;

	tap_answer("open what is not there", open_raw("/absent", O_RDONLY), -ENOENT);
	tap_answer("open below what is not there", open_raw("/absent/file", O_RDONLY), -ENOENT);
	tap_answer("open the empty path", open_raw("", O_RDONLY), -ENOENT);
	snprintf(path, sizeof(path), "%s/below", own_path);
	tap_answer("open below a regular file", open_raw(path, O_RDONLY), -ENOTDIR);
	tap_answer("open a file as a directory", open_raw(own_path, O_RDONLY | O_DIRECTORY),
		   -ENOTDIR);
	tap_answer("open a directory for writing", open_raw("/dev", O_WRONLY), -EISDIR);
	snprintf(path, sizeof(path), "/./dev//../dev/./null");
	fd = open_raw(path, O_RDONLY);
	tap_true("open through . and .. and //", fd >= 0);
	close(fd);
	fd = open_raw("/dev", O_RDONLY | O_DIRECTORY);
	tap_true("open a directory", fd >= 0);
	tap_answer("read a directory", RAW(SYS_read, fd, WORD(&byte), 1), -EISDIR);
	tap_true("openat beside it", RAW(SYS_openat, fd, WORD("null"), O_RDONLY) >= 0);
	tap_answer("openat below a bad descriptor", RAW(SYS_openat, 999, WORD("null"), O_RDONLY),
		   -EBADF);
	close(fd);
}

static void check_device(const char *path, unsigned number, long read_answer)
{
	char bytes[64], name[64];
	struct stat status;
	int fd = open_raw(path, O_RDWR);

	memset(bytes, 0x5a, sizeof(bytes));
	snprintf(name, sizeof(name), "open %s", path);
	tap_true(name, fd >= 0);
	tap_answer("fstat", RAW(SYS_fstat, fd, WORD(&status)), 0);
	tap_true("a character device", S_ISCHR(status.st_mode));
	tap_true("of the right number", status.st_rdev == makedev(1, number));
	tap_answer("write 64", RAW(SYS_write, fd, WORD(bytes), 64), 64);
	tap_answer("read 64", RAW(SYS_read, fd, WORD(bytes), 64), read_answer);
	tap_true("zero bytes, if any",
		 bytes[0] == (read_answer ? 0 : 0x5a) && bytes[63] == bytes[0]);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *own_path = argc > 1 ? argv[1] : argv[0];

	check_regular(own_path);
	check_paths(own_path);
	check_device("/dev/null", 3, 0);
	check_device("/dev/zero", 5, 64);
	return tap_end();
}
