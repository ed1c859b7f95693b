// SPDX-License-Identifier: MIT
/* Memory between processes and threads: copy on write, shared mappings, moving, protecting while
 * others run, and running out of it. Held against Linux's answers; TAP on standard output. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tap.h"

#define RW        (PROT_READ | PROT_WRITE)
#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
#define PAGES     64
#define ROUNDS    30 /* of each race */

static char *map(size_t bytes, int protection, int flags)
{
	return mmap(NULL, bytes, protection, flags, -1, 0);
}

/* How a child that runs fn ends: its exit status, or minus the signal. */
static int in_child(int (*fn)(char *), char *argument)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(argument));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static bool all_are(const char *area, char byte)
{
	for (int i = 0; i < PAGES; i++)
		if (area[i * PAGE] != byte || area[i * PAGE + PAGE - 1] != byte)
			return false;
	return true;
}

/* --- copy on write --- */

static int child_writes(char *area)
{
	bool good = all_are(area, 1);

	memset(area, 2, PAGES * PAGE);
	return !(good && all_are(area, 2));
}

static int grandchild_writes(char *area)
{
	memset(area, 3, PAGES / 2 * PAGE);
	return in_child(child_writes, area) != 1 || area[0] != 3 || area[PAGES * PAGE - 1] != 1;
}

static void check_fork(void)
{
	char *area = map(PAGES * PAGE, RW, ANONYMOUS);

	memset(area, 1, PAGES * PAGE);
	tap_answer("a child has a copy of what the parent wrote", in_child(child_writes, area), 0);
	tap_true("what the child writes the parent does not see", all_are(area, 1));
	tap_answer("so it is with a grandchild", in_child(grandchild_writes, area), 0);
	tap_true("and the parent still has its own", all_are(area, 1));
	memset(area, 4, PAGES * PAGE);
	tap_true("which it may write to", all_are(area, 4));
	tap_answer("pages only read are zero in a child, too",
		   in_child(child_writes, map(PAGES * PAGE, RW, ANONYMOUS)), 1);
	munmap(area, PAGES * PAGE);
}

static int kernel_writes(char *area)
{
	int zero = open("/dev/zero", O_RDONLY);

	return read(zero, area, 3 * PAGE) != 3 * (long)PAGE || area[0] || area[3 * PAGE - 1];
}

static void check_kernel_copies(void)
{
	char *area = map(PAGES * PAGE, RW, ANONYMOUS);

	memset(area, 1, PAGES * PAGE);
	tap_answer("read(2) into shared pages of a child", in_child(kernel_writes, area), 0);
	tap_true("leaves the parent's alone", all_are(area, 1));
	munmap(area, PAGES * PAGE);
}

/* --- shared mappings --- */

static int child_answers(char *shared)
{
	volatile char *area = shared;

	area[PAGE] = area[0] + 1;
	area[5 * PAGE] = 7; /* a page nobody has touched yet */
	return 0;
}

static void check_shared(void)
{
	char *area = map(PAGES * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS);
	char *moved;

	area[0] = 41;
	tap_answer("a child writes to shared memory", in_child(child_answers, area), 0);
	tap_true("and the parent sees it", area[PAGE] == 42 && area[5 * PAGE] == 7);
	tap_true("madvise(MADV_DONTNEED) loses nothing of it",
		 !madvise(area, PAGES * PAGE, MADV_DONTNEED) && area[PAGE] == 42);
	moved = mremap(area, 0, 2 * PAGE, MREMAP_MAYMOVE);
	tap_true("mremap of no bytes shows it once more", moved != MAP_FAILED && moved[PAGE] == 42);
	if (moved != MAP_FAILED)
		moved[0] = 9;
	tap_true("at two addresses", area[0] == 9);
	munmap(area, PAGES * PAGE);
}

static void check_shared_file(void)
{
	int fd = RAW(SYS_memfd_create, WORD("file"), 0);
	char bytes[4] = { 0 }, *area, *other;

	tap_true("memfd_create", fd >= 0);
	tap_answer("ftruncate", ftruncate(fd, 3 * PAGE), 0);
	area = mmap(NULL, 6 * PAGE, RW, MAP_SHARED, fd, 0);
	other = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, PAGE);
	tap_true("mmap it twice", area != MAP_FAILED && other != MAP_FAILED);
	area[PAGE] = 'a';
	tap_true("a private mapping sees what was written before", other[0] == 'a');
	other[0] = 'b';
	tap_true("and keeps its own", area[PAGE] == 'a');
	tap_true("read(2) finds what a mapping wrote",
		 pread(fd, bytes, 1, PAGE) == 1 && bytes[0] == 'a');
	tap_true("a mapping finds what write(2) wrote",
		 pwrite(fd, "xyz", 3, 2 * PAGE) == 3 && !memcmp(area + 2 * PAGE, "xyz", 3));
	tap_answer("in a child as well", in_child(child_answers, area), -SIGBUS);
	tap_true("up to where it ended", area[PAGE] == 1);
	munmap(area, 6 * PAGE);
	munmap(other, PAGE);
	close(fd);
}

/* --- mremap, madvise, mincore and their kin --- */

static void check_moving(void)
{
	char *area = map(4 * PAGE, RW, ANONYMOUS), *hole = map(16 * PAGE, RW, ANONYMOUS), *moved;

	memset(area, 5, 4 * PAGE);
	munmap(hole, 16 * PAGE);
	tap_answer("mremap shrinks in place",
		   (long)mremap(area, 4 * PAGE, 2 * PAGE, 0) - (long)area, 0);
	tap_answer("what is cut off is gone",
		   RAW(SYS_mincore, WORD(area + 2 * PAGE), PAGE, WORD(hole)), -ENOMEM);
	moved = mremap(area, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	tap_true("mremap grows, moving if it must",
		 moved != MAP_FAILED && moved[2 * PAGE - 1] == 5);
	tap_true("with zeroes behind", moved[2 * PAGE] == 0 && moved[8 * PAGE - 1] == 0);
	area = map(8 * PAGE, RW, ANONYMOUS);
	tap_true("mremap to a fixed place",
		 mremap(moved, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area) == area &&
			 area[2 * PAGE - 1] == 5);
	tap_answer("mremap of a hole", RAW(SYS_mremap, WORD(moved), PAGE, PAGE, 0, 0), -EFAULT);
	tap_answer("mremap at no page", RAW(SYS_mremap, WORD(area + 1), PAGE, PAGE, 0, 0), -EINVAL);
	tap_answer("mremap to no bytes", RAW(SYS_mremap, WORD(area), PAGE, 0, 0, 0), -EINVAL);
	tap_answer("mremap onto itself",
		   RAW(SYS_mremap, WORD(area), 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       WORD(area + PAGE)),
		   -EINVAL);
	munmap(area, 8 * PAGE);
}

static void check_advice(void)
{
	char *area = map(4 * PAGE, RW, ANONYMOUS);
	unsigned char there[4] = { 9, 9, 9, 9 };

	area[PAGE] = 6;
	tap_answer("mincore", RAW(SYS_mincore, WORD(area), 4 * PAGE, WORD(there)), 0);
	tap_true("tells which page is there", !there[0] && there[1] && !there[2] && !there[3]);
	tap_answer("mincore into a bad vector", RAW(SYS_mincore, WORD(area), 4 * PAGE, 8), -EFAULT);
	tap_answer("mincore at no page", RAW(SYS_mincore, WORD(area + 1), PAGE, WORD(there)),
		   -EINVAL);
	tap_answer("madvise(MADV_DONTNEED)", RAW(SYS_madvise, WORD(area), 4 * PAGE, MADV_DONTNEED),
		   0);
	tap_true("makes it zero again", area[PAGE] == 0);
	tap_answer("madvise of something", RAW(SYS_madvise, WORD(area), PAGE, 12345), -EINVAL);
	tap_answer("madvise at no page", RAW(SYS_madvise, WORD(area + 1), PAGE, MADV_DONTNEED),
		   -EINVAL);
	tap_answer("mlock", RAW(SYS_mlock, WORD(area), 4 * PAGE), 0);
	tap_answer("munlock", RAW(SYS_munlock, WORD(area), 4 * PAGE), 0);
	tap_answer("msync", RAW(SYS_msync, WORD(area), 4 * PAGE, MS_SYNC), 0);
	tap_answer("msync of both kinds", RAW(SYS_msync, WORD(area), PAGE, MS_SYNC | MS_ASYNC),
		   -EINVAL);
	munmap(area + PAGE, PAGE);
	tap_answer("madvise over a hole", RAW(SYS_madvise, WORD(area), 4 * PAGE, MADV_DONTNEED),
		   -ENOMEM);
	tap_answer("mlock over a hole", RAW(SYS_mlock, WORD(area), 4 * PAGE), -ENOMEM);
	tap_answer("msync over a hole", RAW(SYS_msync, WORD(area), 4 * PAGE, MS_ASYNC), -ENOMEM);
	munmap(area, 4 * PAGE);
}

/* Many areas: every other page has another protection. */
static void check_many_areas(void)
{
	enum { MANY = 10000 };
	char *area = map(MANY * PAGE, RW, ANONYMOUS);
	long failed = 0;

	for (long i = 0; i < MANY; i += 2)
		failed += mprotect(area + i * PAGE, PAGE, PROT_READ) != 0;
	tap_answer("ten thousand areas", failed, 0);
	area[9999 * PAGE] = 1;
	tap_answer("become one again", mprotect(area, MANY * PAGE, RW), 0);
	area[0] = 1;
	tap_answer("and go", munmap(area, MANY * PAGE), 0);
}

/* --- process_vm_readv and process_vm_writev --- */

static void check_process_vm(void)
{
	char *area = map(4 * PAGE, RW, ANONYMOUS), buffer[64] = { 0 };
	struct iovec local = { buffer, 64 }, remote = { area + 2 * PAGE - 32, 64 };
	int hold[2];
	pid_t pid;

	memset(area, 'p', 4 * PAGE);
	tap_answer("pipe", pipe(hold), 0);
	pid = fork();
	if (pid == 0) {
		close(hold[1]);
		munmap(area + 2 * PAGE, PAGE);
		_exit(read(hold[0], buffer, 1) < 0);
	}
	tap_answer("all of it from the program itself",
		   RAW(SYS_process_vm_readv, getpid(), WORD(&local), 1, WORD(&remote), 1, 0), 64);
	memset(area, 'q', 4 * PAGE);
	/* The child has unmapped the page once it sleeps: ask until it has. */
	while (RAW(SYS_process_vm_readv, pid, WORD(&local), 1, WORD(&remote), 1, 0) == 64)
		sched_yield();
	tap_answer("up to the hole from a child",
		   RAW(SYS_process_vm_readv, pid, WORD(&local), 1, WORD(&remote), 1, 0), 32);
	tap_true("its own bytes", buffer[0] == 'p' && buffer[31] == 'p');
	buffer[0] = 'w';
	tap_answer("writing up to the hole",
		   RAW(SYS_process_vm_writev, pid, WORD(&local), 1, WORD(&remote), 1, 0), 32);
	RAW(SYS_process_vm_readv, pid, WORD(&local), 1, WORD(&remote), 1, 0);
	tap_true("reached the child alone", buffer[0] == 'w' && area[2 * PAGE - 32] == 'q');
	remote.iov_base = area + 2 * PAGE;
	tap_answer("nothing from a hole",
		   RAW(SYS_process_vm_readv, pid, WORD(&local), 1, WORD(&remote), 1, 0), -EFAULT);
	tap_answer("of nobody",
		   RAW(SYS_process_vm_readv, 0x3fffff, WORD(&local), 1, WORD(&remote), 1, 0),
		   -ESRCH);
	tap_answer("with flags",
		   RAW(SYS_process_vm_readv, pid, WORD(&local), 1, WORD(&remote), 1, 1), -EINVAL);
	close(hold[0]);
	close(hold[1]);
	waitpid(pid, NULL, 0);
	munmap(area, 4 * PAGE);
}

/* --- the stack --- */

static int __attribute__((noinline)) deep(int left)
{
	volatile char room[4000];
	int below;

	room[0] = 0;
	below = left ? deep(left - 1) : 0;
	return below + room[0]; /* so that the frame has to stay */
}

static int use_stack(char *argument)
{
	return deep((int)(long)argument / 4096);
}

static void check_stack(void)
{
	const struct rlimit limit = { 512 << 10, RLIM_INFINITY };

	tap_answer("a stack grows by megabytes", in_child(use_stack, (char *)(6L << 20)), 0);
	tap_answer("but not beyond its limit", in_child(use_stack, (char *)(12L << 20)), -SIGSEGV);
	setrlimit(RLIMIT_STACK, &limit);
	tap_answer("which may be lower", in_child(use_stack, (char *)(1L << 20)), -SIGSEGV);
	tap_answer("within it all is well", in_child(use_stack, (char *)(256L << 10)), 0);
}

/* --- threads that change memory under one another --- */

static char *race_area;
static volatile int race_over;
static volatile long race_faults;
static __thread sigjmp_buf race_back;

/* Gives the writers the processor until one has met the protection. */
static void await_fault(void)
{
	long before = race_faults;

	for (int i = 0; i < 1000000 && race_faults == before; i++)
		sched_yield();
}

static void on_fault(int signal)
{
	(void)signal;
	__atomic_fetch_add(&race_faults, 1, __ATOMIC_RELAXED);
	siglongjmp(race_back, 1);
}

static void *race_writer(void *argument)
{
	volatile char *byte = race_area + (long)argument;

	sigsetjmp(race_back, 1);
	while (!race_over)
		for (int i = 0; i < 8; i++)
			byte[i * PAGE]++;
	return NULL;
}

/* After mprotect or munmap has returned no thread writes there any more. */
static int protect_rounds(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		char before;

		if (mprotect(race_area, 8 * PAGE, PROT_READ))
			return 1;
		before = race_area[0];
		if (i < 5)
			await_fault();
		sched_yield();
		if (race_area[0] != before)
			return 2;
		if (mprotect(race_area, 8 * PAGE, RW))
			return 3;
		sched_yield();
	}
	return 0;
}

static int unmap_rounds(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		char *other;

		if (munmap(race_area, 8 * PAGE))
			return 1;
		other = map(8 * PAGE, RW,
			    ANONYMOUS); /* likely the same frames, elsewhere or here */
		if (other == MAP_FAILED)
			return 2;
		if (other != race_area) {
			for (int j = 0; j < 8; j++)
				if (other[j * PAGE])
					return 3;
			munmap(other, 8 * PAGE);
			if (mmap(race_area, 8 * PAGE, RW, ANONYMOUS | MAP_FIXED, -1, 0) !=
			    race_area)
				return 4;
		}
		sched_yield();
	}
	return 0;
}

static int race(int (*rounds)(void))
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	pthread_t threads[3];
	int result;

	sigaction(SIGSEGV, &action, NULL);
	race_over = 0;
	race_area = map(8 * PAGE, RW, ANONYMOUS);
	for (long i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, race_writer, (void *)(i * 64)))
			return 100;
	result = rounds();
	race_over = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	munmap(race_area, 8 * PAGE);
	signal(SIGSEGV, SIG_DFL);
	return result;
}

/* Several threads bring the same pages in, and each other's writes stay. */
static char *crowd_area;

static void *crowd_member(void *argument)
{
	long me = (long)argument;

	for (int i = 0; i < PAGES; i++)
		crowd_area[i * PAGE + me] = (char)(me + 1);
	return NULL;
}

static long crowd_round(void)
{
	pthread_t threads[4];
	long wrong = 0;

	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, crowd_member, (void *)i);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < PAGES * 4; i++)
		wrong += crowd_area[i / 4 * PAGE + i % 4] != i % 4 + 1;
	return wrong;
}

static int idle_child(char *area)
{
	return area[0] * 0;
}

static void check_threads(void)
{
	long wrong = 0;

	tap_answer("mprotect against three writers", race(protect_rounds), 0);
	tap_true("some of which were stopped by it", race_faults > 0);
	tap_answer("munmap against three writers", race(unmap_rounds), 0);
	crowd_area = map(PAGES * PAGE, RW, ANONYMOUS);
	for (int i = 0; i < 10; i++) {
		wrong += crowd_round();
		/* The next round finds the pages shared with a child that has ended. */
		wrong += in_child(idle_child, crowd_area);
		if (i & 1)
			madvise(crowd_area, PAGES * PAGE, MADV_DONTNEED);
	}
	tap_answer("four threads fault in the same pages", wrong, 0);
	munmap(crowd_area, PAGES * PAGE);
}

int main(void)
{
	check_fork();
	check_kernel_copies();
	check_shared();
	check_shared_file();
	check_moving();
	check_advice();
	check_many_areas();
	check_process_vm();
	check_threads();
	check_stack();
	return tap_end();
}
