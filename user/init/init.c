// SPDX-License-Identifier: MIT
/*
 * The demo: hands the kernel bad pointers in one system call after the other, and holds each
 * answer against the one Linux gives. It is a plain Linux program: run there with standard output
 * in a file, it judges Linux. (Every pointer of every call is what ../pointers.c is for.)
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "../user.h"
#include "demo.h"

/* <asm/prctl.h>, which musl-gcc does not find. */
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

#define LABEL_WIDTH 14
#define BUFFER      200 /* bytes asked for in every transfer */

/* The kinds of bad pointer, one column each. */
enum kind { NIL, HOLE, NONE, READ_ONLY, BEYOND_USER, NON_CANONICAL, DIRECT, KERNEL, ENDS, KINDS };
static const char *const kind_names[KINDS] = {
	"NULL", "hole", "none", "r/o", "2^47", "2^63", "dmap", "ktext", "ends",
};
static unsigned long pointers[KINDS];

/* What the kernel does with the memory behind the pointer. */
enum use {
	FILLS,  /* writes as far as it can: a short count */
	STORES, /* writes a structure: all or nothing */
	DRAINS, /* reads as far as it can: a short count */
	STRING, /* reads a path */
	VECTOR, /* reads an array of struct iovec */
	SKIPS,  /* /dev/null: does not look at a user address at all */
};

/* Stand for values that are known only later. */
enum { FILE_FD = 1000, NULL_FD, ZERO_FD, GOOD_PATH, GOOD_BUFFER };
/* The position of a pointer that goes into an iovec, not into a register. */
#define INSIDE 6

/* One call, and which of its pointers is the bad one. */
struct probe {
	const char *label;
	long number;
	unsigned position;
	enum use use;
	unsigned long arguments[6];
};

static const struct probe probes[] = {
	{ "read", SYS_read, 1, FILLS, { FILE_FD, 0, BUFFER } },
	{ "read zero", SYS_read, 1, FILLS, { ZERO_FD, 0, BUFFER } },
	{ "pread64", SYS_pread64, 1, FILLS, { FILE_FD, 0, BUFFER, 0 } },
	{ "readv base", SYS_readv, INSIDE, FILLS, { FILE_FD, 0, 1 } },
	{ "readv iov", SYS_readv, 1, VECTOR, { FILE_FD, 0, 2 } },
	{ "write", SYS_write, 1, DRAINS, { 1, 0, BUFFER } },
	{ "write null", SYS_write, 1, SKIPS, { NULL_FD, 0, BUFFER } },
	{ "writev base", SYS_writev, INSIDE, DRAINS, { 1, 0, 1 } },
	{ "writev iov", SYS_writev, 1, VECTOR, { NULL_FD, 0, 2 } },
	{ "open", SYS_open, 0, STRING, { 0, O_RDONLY } },
	{ "openat", SYS_openat, 1, STRING, { AT_FDCWD, 0, O_RDONLY } },
	{ "stat path", SYS_stat, 0, STRING, { 0, GOOD_BUFFER } },
	{ "stat", SYS_stat, 1, STORES, { GOOD_PATH } },
	{ "lstat path", SYS_lstat, 0, STRING, { 0, GOOD_BUFFER } },
	{ "lstat", SYS_lstat, 1, STORES, { GOOD_PATH } },
	{ "fstatat path", SYS_newfstatat, 1, STRING, { AT_FDCWD, 0, GOOD_BUFFER } },
	{ "fstatat", SYS_newfstatat, 2, STORES, { AT_FDCWD, GOOD_PATH } },
	{ "fstat", SYS_fstat, 1, STORES, { FILE_FD } },
	{ "uname", SYS_uname, 0, STORES, { 0 } },
	{ "clock_gettime", SYS_clock_gettime, 1, STORES, { 0 } },
	{ "arch_prctl fs", SYS_arch_prctl, 1, STORES, { ARCH_GET_FS } },
	{ "arch_prctl gs", SYS_arch_prctl, 1, STORES, { ARCH_GET_GS } },
};

struct demo demo;

bool demo_judge(long answer, long expected)
{
	demo.answers++;
	demo.wrong += answer != expected;
	return answer == expected;
}

static char *map(size_t pages, int protection)
{
	char *area = mmap(NULL, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED) {
		say("demo: mmap of %zu pages: %s\n", pages, strerror(errno));
		_exit(2);
	}
	return area;
}

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags);

	if (fd < 0) {
		say("demo: open %s: %s\n", path, strerror(errno));
		_exit(2);
	}
	return fd;
}

static void demo_prepare(const char *own_path)
{
	demo.page = map(2, PROT_READ | PROT_WRITE);
	demo.hole = demo.page + PAGE;
	demo.read_only = map(1, PROT_READ | PROT_WRITE);
	memset(demo.read_only, READ_ONLY_FILL, PAGE);
	mprotect(demo.read_only, PAGE, PROT_READ);
	demo.forbidden = map(1, PROT_NONE);
	demo.valid = map(2, PROT_READ | PROT_WRITE);
	/* Last, or the next mapping would fill it. */
	munmap(demo.hole, PAGE);
	demo.file = open_or_die(own_path, O_RDONLY);
	demo.null_device = open_or_die("/dev/null", O_WRONLY);
	demo.zero_device = open_or_die("/dev/zero", O_RDONLY);

	pointers[NIL] = 0;
	pointers[HOLE] = WORD(demo.hole);
	pointers[NONE] = WORD(demo.forbidden);
	pointers[READ_ONLY] = WORD(demo.read_only);
	pointers[BEYOND_USER] = USER_END;
	pointers[NON_CANONICAL] = WILD;
	pointers[DIRECT] = DIRECT_MAP_ADDRESS;
	pointers[KERNEL] = KERNEL_TEXT;
}

static unsigned long argument_value(unsigned long argument)
{
	switch (argument) {
	case FILE_FD:
		return demo.file;
	case NULL_FD:
		return demo.null_device;
	case ZERO_FD:
		return demo.zero_device;
	case GOOD_PATH:
		return WORD("/");
	case GOOD_BUFFER:
		return WORD(demo.valid);
	default:
		return argument;
	}
}

static long call_with(const struct probe *probe, unsigned long bad)
{
	struct iovec inside = { (void *)bad, BUFFER };
	unsigned long a[6];

	for (unsigned i = 0; i < 6; i++)
		a[i] = argument_value(probe->arguments[i]);
	if (probe->position == INSIDE)
		a[1] = WORD(&inside);
	else
		a[probe->position] = bad;
	return raw_call(probe->number, a);
}

/*
 * Points ENDS at the last few bytes before the hole and returns their number. A path there has
 * no NUL. What a write finds there is the label of its row: the kernel itself prints it, exactly
 * as far as it gets.
 */
static unsigned long prepare_end(const struct probe *probe)
{
	static const unsigned char mapped[] = {
		[FILLS] = 100, [STORES] = 4,  [DRAINS] = LABEL_WIDTH,
		[STRING] = 4,  [SKIPS] = 100, [VECTOR] = sizeof(struct iovec),
	};
	unsigned long n = mapped[probe->use];
	char *end = demo.hole - n;
	char label[LABEL_WIDTH + 1];

	memset(end, 'x', n);
	snprintf(label, sizeof(label), "%-*s", LABEL_WIDTH, probe->label);
	if (probe->use == DRAINS)
		memcpy(end, label, n);
	if (probe->use == VECTOR)
		memcpy(end, &(struct iovec){ demo.valid, BUFFER }, n);
	pointers[ENDS] = WORD(end);
	return n;
}

static long expected_answer(enum use use, enum kind kind, unsigned long mapped)
{
	if (use == SKIPS && (kind < BEYOND_USER || kind == ENDS))
		return BUFFER;
	if ((use == FILLS || use == DRAINS) && kind == ENDS)
		return mapped;
	return -EFAULT;
}

static void show_row(const struct probe *probe)
{
	unsigned long mapped = prepare_end(probe);
	unsigned wrong_before = demo.wrong;
	long answer[KINDS];
	char cells[128], name[24];
	int used = 0;

	/* First, because a write so prints the label. */
	answer[ENDS] = call_with(probe, pointers[ENDS]);
	if (probe->use != DRAINS || answer[ENDS] != LABEL_WIDTH)
		say("%-*s", LABEL_WIDTH, probe->label);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		if (kind == READ_ONLY && probe->use != FILLS && probe->use != STORES) {
			used += sprintf(cells + used, " %-6s", "-");
			continue;
		}
		if (kind != ENDS)
			answer[kind] = call_with(probe, pointers[kind]);
		demo_judge(answer[kind], expected_answer(probe->use, kind, mapped));
		used += sprintf(cells + used, " %-6s", answer_name(answer[kind], name));
	}
	say("%s %s\n", cells, demo.wrong == wrong_before ? "ok" : "WRONG");
	demo.rows++;
}

static void show_table(void)
{
	say("\nIn each call the one pointer is\n"
	    "  NULL   address 0                    hole   where nothing is mapped\n"
	    "  none   a PROT_NONE page             r/o    a read-only page, to be written\n"
	    "  2^47   the first address past user  2^63   not canonical\n"
	    "  dmap   the kernel's direct map      ktext  the kernel's code\n"
	    "  ends   a buffer whose end is in the hole: a short count, or nothing\n\n"
	    "%-*s",
	    LABEL_WIDTH, "call");
	for (enum kind kind = 0; kind < KINDS; kind++)
		say(" %-6s", kind_names[kind]);
	say("\n");
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		show_row(&probes[i]);
}

int main(int argc, char **argv)
{
	say("This is %s, an ordinary static Linux program. It now hands the kernel bad pointers\n"
	    "in one system call after the other; each answer is held against the one Linux gives.\n",
	    argc ? argv[0] : "init");
	demo_prepare(argc ? argv[0] : "/init");
	show_table();
	demo_special();
	say("\ndemo: %u rows, %u wrong (%u answers)\n", demo.rows, demo.wrong, demo.answers);
	return demo.wrong != 0;
}
