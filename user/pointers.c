// SPDX-License-Identifier: MIT
/*
 * Every pointer that a system call takes, in every way in which it can be wrong, against Linux's
 * answers: one table drives it all. Each probe is made by a child in a directory of its own, so
 * that none meets what another left. TAP on standard output; with an argument, the table's answers
 * as they are here.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "scratch.h"
#include "tap.h"

/* The kinds of pointer, one column each. */
enum kind { NIL, HOLE, NONE, READ_ONLY, BEYOND, WILD, KERNEL, LAST, ENDS, ODD, KINDS };
static const char *const kind_names[KINDS] = {
	[NIL] = "NULL",        [HOLE] = "unmapped",
	[NONE] = "PROT_NONE",  [READ_ONLY] = "read-only",
	[BEYOND] = "2^47",     [WILD] = "non-canonical",
	[KERNEL] = "kernel",   [LAST] = "the last byte",
	[ENDS] = "straddling", [ODD] = "misaligned",
};

/* Arguments that are known only in the child. BAD is the pointer; BOX points to two words, the
 * first of them BAD, the second the row's size. */
enum {
	SYMBOLS = 0x51510000,
	BAD = SYMBOLS,
	BOX,
	FILE_FD,
	FOLDER_FD,
	PIPE_IN,
	PIPE_OUT,
	NULL_FD,
	ZERO_FD,
	GOOD,
	NAME,
	LINK,
	NEW,
	SELF,
	CHILD,
	MYSELF,
	END_OF_SYMBOLS,
};

/* One pointer of one call. `content` is what lies behind it where that is memory: `bytes` of it.
 * The answers are Linux's, in the order of the kinds: F is EFAULT, a number what the call returns.
 * With `any`, what it returns when it succeeds says nothing and counts as 0. */
struct row {
	const char *name;
	long number;
	const void *content;
	unsigned bytes;
	bool any;
	unsigned long arguments[6];
	const char *answers;
};

#define HERE ((unsigned long)AT_FDCWD)

/* What is read through good pointers. */
struct action {
	unsigned long handler, flags, restorer, mask;
};
static const struct action action;
static const struct timespec moment = { 0, 1000 };
static const struct timeval instant = { 0, 10 };
static const struct timespec times_of_file[2] = { { 1, 2 }, { 3, 4 } };
static const struct itimerval no_timer;
static const struct rlimit limit = { 64 << 10, 64 << 10 };
static const struct pollfd nobody = { -1, POLLIN, 0 };
static const siginfo_t queued = { .si_signo = 0, .si_code = SI_QUEUE };
static const stack_t no_stack = { .ss_flags = SS_DISABLE };
static const unsigned long no_set, one_cpu = 1, first_fd;
/* Ready at once, for calls whose time-out is the pointer. */
static struct pollfd unopened = { 99, POLLIN, 0 };
static unsigned long output = 1 << 1;
static const unsigned long waiting = 1UL << (SIGUSR2 - 1);
static const unsigned zero_word;
static const int priority;
static const long start;
static unsigned char good[2 * PAGE] __attribute__((aligned(4096)));
static const struct iovec parts[2] = { { good, 100 }, { good + 100, 100 } };
static const char *const words[2] = { "x", NULL };
static const struct {
	const void *set;
	unsigned long bytes;
} no_pack = { NULL, 8 };
static const unsigned long no_list[3];
static const char filler[256] = "some bytes";
#define IN(object)     &(object), sizeof(object), false
#define OUT(n)         NULL, n, false
#define TEXT(text)     text, sizeof(text), false
#define IN_ANY(object) &(object), sizeof(object), true
#define OUT_ANY(n)     NULL, n, true
#define TEXT_ANY(text) text, sizeof(text), true
#define DATA           filler, 200, false

static const struct row rows[] = {
#include "pointers.def"
};

static char *page, *hole, *forbidden, *constant;
static volatile long *answer; /* shared with the children */
static const char *self_path;
#define GONE 0x60e0000

static char *map(int protection, int flags)
{
	char *area = mmap(NULL, 2 * PAGE, protection, flags | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		_exit(3);
	return area;
}

static void prepare(void)
{
	answer = (volatile long *)map(PROT_READ | PROT_WRITE, MAP_SHARED);
	constant = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
	forbidden = map(PROT_NONE, MAP_PRIVATE);
	page = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
	hole = page + PAGE;
	munmap(hole, PAGE);
}

/* The pointer of a kind, with the row's content behind it as far as there is memory. */
static unsigned long pointer(const struct row *row, enum kind kind)
{
	unsigned half = row->bytes / 2 + (row->bytes == 1);

	switch (kind) {
	case NIL:
		return 0;
	case HOLE:
		return WORD(hole);
	case NONE:
		return WORD(forbidden);
	case READ_ONLY:
		if (row->content)
			memcpy(constant, row->content, row->bytes);
		mprotect(constant, PAGE, PROT_READ);
		return WORD(constant);
	case BEYOND:
		return 0x800000000000;
	case WILD:
		return 0x8000000000000000;
	case KERNEL:
		return 0xffffffff81000000;
	case LAST:
		return -1UL;
	case ENDS:
		if (row->content)
			memcpy(hole - half, row->content, half);
		return WORD(hole - half);
	default:
		if (row->content)
			memcpy(page + 1, row->content, row->bytes);
		return WORD(page + 1);
	}
}

static unsigned long open_pipe(bool writing)
{
	static int fds[2];

	if (!fds[0]) {
		if (pipe(fds) || write(fds[1], good, 200) != 200)
			_exit(3);
	}
	return (unsigned long)fds[writing];
}

static unsigned long ended_child(void)
{
	pid_t pid = fork();
	siginfo_t info;

	if (!pid)
		_exit(5);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	return (unsigned long)pid;
}

static unsigned long value(unsigned long symbol, unsigned long bad, unsigned long *box)
{
	switch (symbol) {
	case BAD:
		return bad;
	case BOX:
		box[0] = bad;
		return WORD(box);
	case FILE_FD:
		return (unsigned long)open("f", O_RDWR);
	case FOLDER_FD:
		return (unsigned long)open(".", O_RDONLY);
	case PIPE_IN:
		return open_pipe(false);
	case PIPE_OUT:
		return open_pipe(true);
	case NULL_FD:
		return (unsigned long)open("/dev/null", O_WRONLY);
	case ZERO_FD:
		return (unsigned long)open("/dev/zero", O_RDONLY);
	case GOOD:
		return WORD(good);
	case NAME:
		return WORD("f");
	case LINK:
		return WORD("l");
	case NEW:
		return WORD("new");
	case SELF:
		return WORD(self_path);
	case CHILD:
		return ended_child();
	case MYSELF:
		return (unsigned long)getpid();
	default:
		return symbol;
	}
}

/* The child's part. */
static void probe(const struct row *row, enum kind kind)
{
	unsigned long a[6], bad = pointer(row, kind), box[2] = { 0, row->bytes };
	long result;

	alarm(20);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	if (row->number == SYS_rt_sigtimedwait) {
		RAW(SYS_rt_sigprocmask, SIG_BLOCK, WORD(&waiting), 0, 8);
		kill(getpid(), SIGUSR2);
	}
	for (int i = 0; i < 6; i++)
		a[i] = value(row->arguments[i], bad, box);
	result = raw_call(row->number, a);
	if (row->number == SYS_clone && !result)
		RAW(SYS_exit, 0);
	*answer = row->any && result > 0 ? 0 : result;
	RAW(SYS_exit_group, 0);
}

static void make_folder(void)
{
	int fd;

	if (mkdir("d", 0755) || chdir("d"))
		_exit(3);
	fd = open("f", O_CREAT | O_WRONLY, 0644);
	if (fd < 0 || write(fd, good, PAGE) != (long)PAGE || symlink("f", "l"))
		_exit(3);
	close(fd);
}

static void remove_folder(void)
{
	static const char *const left[] = { "f", "l", "new" };

	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		if (unlink(left[i]))
			rmdir(left[i]);
	if (chdir("..") || rmdir("d"))
		_exit(3);
}

/* What the call answers, as a word. */
static const char *answer_of(const struct row *row, enum kind kind, char out[24])
{
	int status = 0;
	pid_t pid;

	*answer = GONE;
	make_folder();
	pid = fork();
	if (!pid)
		probe(row, kind);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	remove_folder();
	if (WIFSIGNALED(status))
		sprintf(out, "signal%d", WTERMSIG(status));
	else if (*answer == GONE)
		strcpy(out, "gone");
	else if (*answer == -EFAULT)
		strcpy(out, "F");
	else
		return answer_name(*answer, out);
	return out;
}

/* The next word of the expected answers. */
static const char *next_word(const char **from, char out[24])
{
	int used = 0;

	sscanf(*from, "%23s%n", out, &used);
	*from += used;
	return out;
}

static void check_row(const struct row *row)
{
	const char *expected = row->answers;
	char name[80], got[24], wanted[24];

	for (enum kind kind = 0; kind < KINDS; kind++) {
		const char *is = answer_of(row, kind, got);

		next_word(&expected, wanted);
		snprintf(name, sizeof(name), "%s, %s", row->name, kind_names[kind]);
		tap_true(name, !strcmp(is, wanted));
		if (strcmp(is, wanted))
			say("# %s, expected %s\n", is, wanted);
	}
}

static void show_row(const struct row *row)
{
	char got[24];

	say("%s|", row->name);
	for (enum kind kind = 0; kind < KINDS; kind++)
		say("%s%s", kind ? " " : "", answer_of(row, kind, got));
	say("\n");
}

int main(int argc, char **argv)
{
	/* An execve whose arguments were good enough came back to here. */
	if (!argc || !strstr(argv[0], "pointers"))
		return 0;
	self_path = argv[0];
	if (self_path[0] != '/' && !(self_path = realpath(argv[0], NULL)))
		return 2;
	prepare();
	scratch_enter();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		(argc > 1 ? show_row : check_row)(&rows[i]);
	scratch_leave();
	return argc > 1 ? 0 : tap_end();
}
