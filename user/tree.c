// SPDX-License-Identifier: MIT
/* The tree of names and what stands in its files, held against Linux's answers. TAP on standard
 * output. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>

#include "scratch.h"
#include "tap.h"

#define CALL(result) ((result) < 0 ? -errno : 0)

static char *edge; /* two pages end here; behind is nothing */
static char bytes[3 * PAGE];

static long open_raw(const char *path, int flags)
{
	return RAW(SYS_open, WORD(path), flags, 0644);
}
static long make(const char *path)
{
	long fd = open_raw(path, O_CREAT | O_RDWR | O_EXCL);

	return fd < 0 ? fd : RAW(SYS_close, fd);
}
static long size_of(const char *path)
{
	struct stat s;

	return stat(path, &s) ? -errno : s.st_size;
}
static long links_of(const char *path)
{
	struct stat s;

	return stat(path, &s) ? -errno : (long)s.st_nlink;
}
static int holds(int fd, long at, const char *text)
{
	char is[64] = { 0 };
	long n = strlen(text);

	return pread(fd, is, n, at) == n && !memcmp(is, text, n);
}

static void check_open(void)
{
	int fd;

	tap_answer("create", make("a"), 0);
	tap_answer("create again, exclusively", make("a"), -EEXIST);
	tap_answer("create below nothing", make("none/a"), -ENOENT);
	tap_answer("create below a file", make("a/b"), -ENOTDIR);
	tap_answer("create with a slash behind", open_raw("new/", O_CREAT | O_RDWR), -EISDIR);
	tap_answer("open a file with a slash behind", open_raw("a/", O_RDONLY), -ENOTDIR);
	tap_answer("create a directory", open_raw(".", O_CREAT | O_RDWR), -EISDIR);
	fd = open("a", O_WRONLY | O_APPEND);
	tap_answer("append", RAW(SYS_write, fd, WORD("one"), 3), 3);
	lseek(fd, 0, SEEK_SET);
	tap_answer("append again", RAW(SYS_write, fd, WORD("two"), 3), 3);
	close(fd);
	tap_answer("its size", size_of("a"), 6);
	fd = open("a", O_RDWR | O_TRUNC);
	tap_answer("O_TRUNC", size_of("a"), 0);
	tap_answer("F_GETFL", fcntl(fd, F_GETFL) & ~O_LARGEFILE, O_RDWR);
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	tap_true("O_TMPFILE", fd >= 0);
	tap_answer("write to it", RAW(SYS_write, fd, WORD("x"), 1), 1);
	close(fd);
	fd = open("a", O_PATH);
	tap_answer("read from O_PATH", RAW(SYS_read, fd, WORD(bytes), 1), -EBADF);
	tap_answer("fchmod of O_PATH", RAW(SYS_fchmod, fd, 0600), -EBADF);
	close(fd);
	tap_answer("unlink", CALL(unlink("a")), 0);
	tap_answer("unlink again", CALL(unlink("a")), -ENOENT);
}

static void check_contents(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0644), other;
	struct iovec parts[] = { { "abc", 3 }, { NULL, 5 }, { "def", 3 } };
	struct stat s;

	tap_answer("pwrite64 beyond the end", RAW(SYS_pwrite64, fd, WORD("end"), 3, 10000), 3);
	tap_answer("its size", size_of("file"), 10003);
	tap_true("zeros before", holds(fd, 9996, "") && pread(fd, bytes, 9, 9995) == 8 &&
					 !bytes[0] && !memcmp(bytes + 5, "end", 3));
	memset(bytes, 'o', sizeof(bytes));
	pwrite(fd, bytes, 8192, 0);
	memset(edge - 100, 'n', 100);
	tap_answer("write of 200 with 100 mapped", RAW(SYS_write, fd, WORD(edge - 100), 200), 100);
	tap_answer("the position", lseek(fd, 0, SEEK_CUR), 100);
	tap_true("what was behind is kept", holds(fd, 98, "nnoooo"));
	tap_answer("write with nothing mapped", RAW(SYS_write, fd, WORD(edge), 10), -EFAULT);
	tap_true("nothing has changed", holds(fd, 100, "ooooo"));
	lseek(fd, 0, SEEK_SET);
	tap_answer("read of 200 into 100", RAW(SYS_read, fd, WORD(edge - 100), 200), 100);
	tap_answer("the position", lseek(fd, 0, SEEK_CUR), 100);
	tap_answer("writev with a bad middle", RAW(SYS_writev, fd, WORD(parts), 3), 3);
	tap_answer("the position", lseek(fd, 0, SEEK_CUR), 103);
	tap_true("its bytes", holds(fd, 99, "nabcoo"));
	tap_answer("ftruncate to less", RAW(SYS_ftruncate, fd, 5000), 0);
	tap_answer("ftruncate to more", RAW(SYS_ftruncate, fd, 9000), 0);
	tap_true("zeros behind the cut", pread(fd, bytes, 4000, 5000) == 4000 && !bytes[0] &&
						 !memcmp(bytes, bytes + 1, 3999));
	tap_answer("ftruncate to -1", RAW(SYS_ftruncate, fd, -1UL), -EINVAL);
	tap_answer("lseek SEEK_HOLE at the end", RAW(SYS_lseek, fd, 9000, SEEK_HOLE), -ENXIO);
	tap_answer("preadv", RAW(SYS_preadv, fd, WORD(parts), 0, 0, 0), 0);
	other = open("copy", O_CREAT | O_WRONLY, 0600);
	tap_answer("sendfile", RAW(SYS_sendfile, other, fd, 0, 20000), 9000 - 103);
	tap_answer("the copy's size", size_of("copy"), 9000 - 103);
	tap_answer("fstat", fstat(other, &s), 0);
	tap_true("mode by the umask", (s.st_mode & 07777) == 0600 && S_ISREG(s.st_mode));
	tap_answer("fallocate", RAW(SYS_fallocate, other, 0, 0, 20000), 0);
	tap_answer("the copy's size", size_of("copy"), 20000);
	tap_answer("fsync", RAW(SYS_fsync, fd), 0);
	close(other);
	close(fd);
	tap_answer("truncate", CALL(truncate("copy", 5)), 0);
	tap_answer("the copy's size", size_of("copy"), 5);
	unlink("copy");
	fd = open("file", O_RDWR);
	unlink("file");
	tap_answer("a removed file is still read", pread(fd, bytes, 3, 100), 3);
	tap_answer("and has no link", fstat(fd, &s) ? -1 : (long)s.st_nlink, 0);
	close(fd);
}

static void check_links(void)
{
	char target[32];
	int fd;

	make("one");
	tap_answer("link", CALL(link("one", "two")), 0);
	tap_answer("two links", links_of("one"), 2);
	tap_answer("link to a directory", CALL(link(".", "dot")), -EPERM);
	tap_answer("link over a name", CALL(link("one", "two")), -EEXIST);
	tap_answer("symlink", CALL(symlink("two", "soft")), 0);
	tap_answer("empty symlink", CALL(symlink("", "none")), -ENOENT);
	tap_answer("readlink", readlink("soft", target, sizeof(target)), 3);
	tap_answer("readlink, cut", readlink("soft", target, 2), 2);
	tap_answer("readlink of a file", CALL(readlink("one", target, 2)), -EINVAL);
	tap_answer("O_NOFOLLOW", open_raw("soft", O_RDONLY | O_NOFOLLOW), -ELOOP);
	symlink("later", "dangling");
	tap_answer("a dangling link, exclusively", make("dangling"), -EEXIST);
	fd = open_raw("dangling", O_CREAT | O_RDWR);
	tap_true("creating through it", fd >= 0 && !access("later", F_OK));
	close(fd);
	symlink("round", "round");
	tap_answer("a link to itself", open_raw("round", O_RDONLY), -ELOOP);
	tap_answer("below it", open_raw("round/x", O_RDONLY), -ELOOP);
	tap_answer("unlink takes the link", CALL(unlink("soft")), 0);
	tap_answer("still two", links_of("one"), 2);
	unlink("one");
	tap_answer("one link", links_of("two"), 1);
	unlink("two");
	unlink("later");
	unlink("dangling");
	unlink("round");
}

static void check_directories(void)
{
	char path[256];
	int fd;

	tap_answer("mkdir", CALL(mkdir("d", 0777)), 0);
	tap_answer("mkdir again", CALL(mkdir("d", 0777)), -EEXIST);
	tap_answer("mkdir with a slash", CALL(mkdir("d/e/", 0777)), 0);
	tap_answer("two plus one links", links_of("d"), 3);
	tap_answer("rmdir of one that is not empty", CALL(rmdir("d")), -ENOTEMPTY);
	tap_answer("unlink of a directory", CALL(unlink("d")), -EISDIR);
	tap_answer("rmdir of .", CALL(rmdir("d/.")), -EINVAL);
	tap_answer("rmdir of ..", CALL(rmdir("d/e/..")), -ENOTEMPTY);
	fd = open("d", O_RDONLY | O_DIRECTORY);
	tap_answer("mkdirat", RAW(SYS_mkdirat, fd, WORD("f"), 0777), 0);
	tap_answer("unlinkat of it", RAW(SYS_unlinkat, fd, WORD("f"), 0), -EISDIR);
	tap_answer("unlinkat AT_REMOVEDIR", RAW(SYS_unlinkat, fd, WORD("f"), AT_REMOVEDIR), 0);
	tap_answer("write to a directory", RAW(SYS_write, fd, WORD("x"), 1), -EBADF);
	close(fd);
	tap_answer("chdir", CALL(chdir("d/e")), 0);
	snprintf(path, sizeof(path), "%s/d/e", scratch_path);
	tap_answer("getcwd", RAW(SYS_getcwd, WORD(bytes), sizeof(bytes)), (long)strlen(path) + 1);
	tap_true("the path", !strcmp(path, bytes));
	tap_answer("getcwd without room", RAW(SYS_getcwd, WORD(bytes), 3), -ERANGE);
	tap_answer("rmdir of the current one", CALL(rmdir("../e")), 0);
	tap_answer("getcwd of a removed one", RAW(SYS_getcwd, WORD(bytes), 99), -ENOENT);
	tap_answer("create in a removed one", make("x"), -ENOENT);
	tap_answer("up from there", CALL(chdir("..")), 0);
	tap_answer("chdir up", CALL(chdir(scratch_path)), 0);
	tap_answer("chdir to nothing", CALL(chdir("none")), -ENOENT);
	tap_answer("rmdir", CALL(rmdir("d")), 0);
}

static void check_rename(void)
{
	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	mkdir("full", 0755);
	make("full/x");
	make("f");
	make("g");
	tap_answer("rename over a file", CALL(rename("f", "g")), 0);
	tap_answer("the old name is gone", size_of("f"), -ENOENT);
	tap_answer("rename of nothing", CALL(rename("f", "h")), -ENOENT);
	tap_answer("rename to itself", CALL(rename("g", "g")), 0);
	tap_answer("a file over a directory", CALL(rename("g", "d")), -EISDIR);
	tap_answer("a directory over a file", CALL(rename("d", "g")), -ENOTDIR);
	tap_answer("over a directory that is not empty", CALL(rename("d", "full")), -ENOTEMPTY);
	tap_answer("into itself", CALL(rename("d", "d/sub/d")), -EINVAL);
	tap_answer("over one above", CALL(rename("d/sub", "d")), -ENOTEMPTY);
	tap_answer("of .", CALL(rename("d/.", "e")), -EBUSY);
	tap_answer("elsewhere", CALL(rename("d/sub", "full/sub")), 0);
	tap_answer("links of the old home", links_of("d"), 2);
	tap_answer("links of the new home", links_of("full"), 3);
	tap_answer("RENAME_NOREPLACE",
		   RAW(SYS_renameat2, AT_FDCWD, WORD("g"), AT_FDCWD, WORD("d"), 1), -EEXIST);
	tap_answer("RENAME_EXCHANGE",
		   RAW(SYS_renameat2, AT_FDCWD, WORD("g"), AT_FDCWD, WORD("full/sub"), 2), 0);
	tap_answer("what was a file", CALL(rmdir("g")), 0);
	tap_answer("links of full", links_of("full"), 2);
	tap_answer("over an empty directory", (mkdir("d2", 0755), CALL(rename("d", "d2"))), 0);
	unlink("full/x");
	unlink("full/sub");
	rmdir("full");
	rmdir("d2");
}

/* struct linux_dirent64, which no header has. */
struct entry {
	unsigned long number;
	long next;
	unsigned short bytes;
	unsigned char type;
	char name[];
};

/* Lists the directory in small pieces; how many names, or 10000 for one that came twice. `remove`:
 * unlinks each on the way. */
static long list(int fd, unsigned long room, int remove)
{
	static char seen[300];
	long names = 0, n;

	memset(seen, 0, sizeof(seen));
	lseek(fd, 0, SEEK_SET);
	while ((n = RAW(SYS_getdents64, fd, WORD(bytes), room)) > 0) {
		for (long at = 0; at < n;) {
			struct entry *entry = (struct entry *)(bytes + at);
			int i = atoi(entry->name + 1);

			at += entry->bytes;
			if (entry->name[0] != 'n')
				continue;
			names += seen[i]++ ? 10000 : 1;
			if (remove)
				unlinkat(fd, entry->name, 0);
		}
	}
	return n < 0 ? n : names;
}

static void check_listing(void)
{
	char name[16];
	int fd;

	mkdir("list", 0755);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "list/n%d", i);
		make(name);
	}
	fd = open("list", O_RDONLY | O_DIRECTORY);
	tap_answer("all names", list(fd, sizeof(bytes), 0), 300);
	tap_answer("all names, a few at a time", list(fd, 100, 0), 300);
	lseek(fd, 0, SEEK_SET);
	tap_answer("no room for one", RAW(SYS_getdents64, fd, WORD(bytes), 10), -EINVAL);
	tap_answer("into a hole", RAW(SYS_getdents64, fd, WORD(edge), 4096), -EFAULT);
	tap_answer("removed on the way", list(fd, 200, 1), 300);
	tap_answer("none left", list(fd, 4096, 0), 0);
	tap_answer("rmdir", CALL(rmdir("list")), 0);
	tap_answer("a removed one",
		   (lseek(fd, 0, SEEK_SET), RAW(SYS_getdents64, fd, WORD(bytes), 4096)), -ENOENT);
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	tap_answer("no directory", RAW(SYS_getdents64, fd, WORD(bytes), 4096), -ENOTDIR);
	close(fd);
}

static void check_attributes(void)
{
	struct timespec times[2] = { { 1234567890, 987654321 }, { 0, UTIME_OMIT } };
	struct stat s;
	mode_t old = umask(027);

	make("f");
	tap_answer("umask", umask(old), 027);
	stat("f", &s);
	tap_answer("mode of a new file", s.st_mode & 07777, 0640);
	tap_answer("chmod", CALL(chmod("f", 04711)), 0);
	stat("f", &s);
	tap_answer("its mode", s.st_mode & 07777, 04711);
	tap_answer("access X_OK", CALL(access("f", X_OK)), 0);
	tap_answer("access, bad mode", RAW(SYS_access, WORD("f"), 8), -EINVAL);
	chmod("f", 0600);
	tap_answer("access X_OK of what nobody may run", CALL(access("f", X_OK)), -EACCES);
	tap_answer("utimensat", CALL(utimensat(AT_FDCWD, "f", times, 0)), 0);
	stat("f", &s);
	tap_true("the time", s.st_atim.tv_sec == 1234567890 && s.st_atim.tv_nsec == 987654321);
	times[0].tv_nsec = 1000000000;
	tap_answer("utimensat, bad time", CALL(utimensat(AT_FDCWD, "f", times, 0)), -EINVAL);
	tap_answer("readlink, no length", RAW(SYS_readlink, WORD("f"), WORD(bytes), 0), -EINVAL);
	unlink("f");
}

static void check_descriptors(void)
{
	int a = dup(1), b, next;

	tap_answer("dup2", dup2(a, 40), 40);
	tap_answer("dup2 to itself", dup2(40, 40), 40);
	tap_answer("dup2 of nothing", RAW(SYS_dup2, 999, 40), -EBADF);
	tap_answer("dup2 of nothing to itself", RAW(SYS_dup2, 999, 999), -EBADF);
	tap_answer("dup2 beyond", RAW(SYS_dup2, a, -1UL), -EBADF);
	tap_answer("dup3 to itself", RAW(SYS_dup3, 40, 40, 0), -EINVAL);
	tap_answer("dup3 O_CLOEXEC", RAW(SYS_dup3, a, 41, O_CLOEXEC), 41);
	tap_answer("F_GETFD", fcntl(41, F_GETFD), FD_CLOEXEC);
	tap_answer("F_DUPFD", fcntl(a, F_DUPFD, 41), 42);
	tap_answer("F_DUPFD_CLOEXEC", fcntl(a, F_DUPFD_CLOEXEC, 100), 100);
	tap_answer("F_GETFD", fcntl(100, F_GETFD), FD_CLOEXEC);
	tap_answer("close_range", RAW(SYS_close_range, 40, 41, 0), 0);
	tap_answer("closed", RAW(SYS_close, 41), -EBADF);
	close(42);
	close(100);
	b = dup(1);
	close(a);
	next = dup(1);
	tap_answer("the lowest is given", next, a);
	close(next);
	close(b);
	for (next = 0; next < 70000 && dup(1) >= 0;)
		next++;
	tap_answer("EMFILE", dup(1) < 0 ? -errno : 0, -EMFILE);
	if (sysconf(_SC_OPEN_MAX) > 0)
		tap_answer("as many as RLIMIT_NOFILE has room for", next,
			   sysconf(_SC_OPEN_MAX) - a);
	while (next--)
		close(a + next);
}

static void check_memfd(void)
{
	int fd = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC), plain;
	char *map;

	tap_true("memfd_create", fd >= 0);
	tap_answer("write", RAW(SYS_write, fd, WORD("hello"), 5), 5);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	tap_true("mapped", map != MAP_FAILED && !memcmp(map, "hello", 5));
	memcpy(map, "HE", 2);
	tap_true("a store is read", holds(fd, 0, "HEllo"));
	pwrite(fd, "YY", 2, 3);
	tap_true("a write is loaded", !memcmp(map, "HElYY", 5));
	munmap(map, PAGE);
	tap_answer("F_ADD_SEALS", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK), 0);
	tap_answer("F_GET_SEALS", fcntl(fd, F_GET_SEALS), F_SEAL_GROW | F_SEAL_SHRINK);
	tap_answer("no growth", RAW(SYS_ftruncate, fd, 10), -EPERM);
	tap_answer("no shrinking", RAW(SYS_ftruncate, fd, 1), -EPERM);
	tap_answer("writing is fine", pwrite(fd, "x", 1, 0), 1);
	plain = memfd_create("plain", 0);
	tap_answer("no seals", CALL(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW)), -EPERM);
	tap_answer("an unknown flag", RAW(SYS_memfd_create, WORD("x"), 0x8000), -EINVAL);
	tap_answer("a name in a hole", RAW(SYS_memfd_create, WORD(edge - 1), 0), -EFAULT);
	close(plain);
	close(fd);
}

static void wait_for_lock(int fd)
{
	_exit(flock(fd, LOCK_EX) || write(fd, "!", 1) != 1);
}

static void check_flock(void)
{
	int one = open("locked", O_CREAT | O_RDWR, 0644), other = open("locked", O_RDWR);
	int again = dup(one), status;
	pid_t pid;

	tap_answer("flock, exclusive", RAW(SYS_flock, one, LOCK_EX), 0);
	tap_answer("another open file may not", RAW(SYS_flock, other, LOCK_SH | LOCK_NB), -EAGAIN);
	tap_answer("a duplicate may", RAW(SYS_flock, again, LOCK_EX | LOCK_NB), 0);
	tap_answer("to shared", RAW(SYS_flock, one, LOCK_SH), 0);
	tap_answer("now the other may share", RAW(SYS_flock, other, LOCK_SH | LOCK_NB), 0);
	tap_answer("not more", RAW(SYS_flock, other, LOCK_EX | LOCK_NB), -EAGAIN);
	tap_answer("an unknown kind", RAW(SYS_flock, one, 64), -EINVAL);
	tap_answer("no file", RAW(SYS_flock, 99, LOCK_SH), -EBADF);
	close(one);
	tap_answer("held until the last duplicate is closed",
		   RAW(SYS_flock, other, LOCK_EX | LOCK_NB), -EAGAIN);
	close(again);
	tap_answer("and no longer", RAW(SYS_flock, other, LOCK_EX | LOCK_NB), 0);
	one = open("locked", O_RDWR);
	pid = fork();
	if (!pid)
		wait_for_lock(one);
	tap_answer("who waits has not written", size_of("locked"), 0);
	RAW(SYS_flock, other, LOCK_UN);
	waitpid(pid, &status, 0);
	tap_true("until the lock was free", !status && size_of("locked") == 1);
	close(one);
	close(other);
	unlink("locked");
}

static void check_program_name(void)
{
	char text[256] = { 0 }, few[5] = { 0 };
	struct stat itself, link;
	long n = readlink("/proc/self/exe", text, 255);

	tap_true("/proc/self/exe is an absolute path", n > 0 && text[0] == '/');
	tap_true("of this program", n > 0 && strstr(text, "tree"));
	tap_true("which it leads to", !stat(text, &itself) && !stat("/proc/self/exe", &link) &&
					      itself.st_ino == link.st_ino);
	tap_true("cut to what there is room for",
		 readlink("/proc/self/exe", few, 4) == 4 && !memcmp(few, text, 4));
}

static void check_devices(void)
{
	char a[64] = { 0 }, b[64] = { 0 };
	int fd = open("/dev/urandom", O_RDONLY);

	tap_answer("urandom", RAW(SYS_read, fd, WORD(a), 64), 64);
	tap_answer("getrandom", RAW(SYS_getrandom, WORD(b), 64, 0), 64);
	tap_true("they differ", memcmp(a, b, 64) != 0);
	tap_answer("getrandom, unknown flag", RAW(SYS_getrandom, WORD(b), 64, 64), -EINVAL);
	tap_answer("getrandom into a hole", RAW(SYS_getrandom, WORD(edge), 64, 0), -EFAULT);
	tap_answer("getrandom, 10 of 64 mapped", RAW(SYS_getrandom, WORD(edge - 10), 64, 0), 10);
	close(fd);
	fd = open("/dev/full", O_RDWR);
	tap_answer("a full device", RAW(SYS_write, fd, WORD(a), 1), -ENOSPC);
	tap_answer("TCGETS of it", RAW(SYS_ioctl, fd, TCGETS, WORD(bytes)), -ENOTTY);
	close(fd);
}

int main(void)
{
	edge = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	edge += 2 * PAGE;
	munmap(edge, PAGE);
	edge[-1] = 'x';
	scratch_enter();
	check_open();
	check_contents();
	check_links();
	check_directories();
	check_rename();
	check_listing();
	check_attributes();
	check_descriptors();
	check_memfd();
	check_flock();
	check_program_name();
	check_devices();
	scratch_leave();
	return tap_end();
}
