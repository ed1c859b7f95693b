// SPDX-License-Identifier: MIT
/*
 * Do independent programs run side by side as fast as alone? For each kind of work the same loop
 * runs in one process on one processor, and then in one process on each of so many at once.
 *
 *   scaling [CPUS [ROUNDS [THOUSANDS [KIND [only]]]]]
 *
 * By default 2 processors, 1 round, 20 thousand operations, every kind. `only`: not on one
 * processor, on all of them alone.
 *
 * A line for each run, "scaling KIND cpus=N ops=OPS ns=NS": the operations of each process, and the
 * time from the common start to the last one's end. TAP says whether all work was done.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

#define MOST_CPUS 16
#define PAGES     32

struct worker {
	long done;       /* operations; -1: one went wrong */
	long start, end; /* ns */
} __attribute__((aligned(64)));

static struct {
	struct worker worker[MOST_CPUS];
	long ready, go;
} * shared;

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* Without the kernel: what the machine itself gives. One operation is 200 turns. */
static int turn(long ops)
{
	for (long i = 0; i < ops * 200; i++)
		__asm__ volatile("");
	return 1;
}

static int call_getpid(long ops)
{
	long pid = RAW(SYS_getpid, 0), same = 1;

	for (long i = 0; i < ops; i++)
		same &= RAW(SYS_getpid, 0) == pid;
	return (int)same;
}

/* One operation writes 64 bytes to a pipe of its own and reads them again. */
static int use_pipe(long ops)
{
	char out[64] = "x", in[64];
	int ends[2], same = !pipe(ends);

	for (long i = 0; i < ops && same; i++)
		same = write(ends[1], out, sizeof(out)) == sizeof(out) &&
		       read(ends[0], in, sizeof(in)) == sizeof(in);
	return same;
}

/* One operation is a page that comes on demand. */
static int fault_in(long ops)
{
	char *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	int zero = at != MAP_FAILED;

	for (long i = 0; i < ops && zero; i++) {
		volatile char *page = at + (unsigned long)(i % PAGES) * PAGE;

		zero = *page == 0;
		*page = 1;
		if (i % PAGES == PAGES - 1)
			zero &= !madvise(at, PAGES * PAGE, MADV_DONTNEED);
	}
	return zero;
}

static const struct kind {
	const char *name;
	int (*work)(long ops);
} kinds[] = {
	{ "none", turn }, { "getpid", call_getpid }, { "pipe", use_pipe }, { "fault", fault_in }
};

static void bind(unsigned cpu)
{
	unsigned long set[16] = { 0 };

	set[cpu / 64] = 1UL << cpu % 64;
	if (RAW(SYS_sched_setaffinity, 0, sizeof(set), WORD(set)))
		_exit(2);
}

static void run_worker(const struct kind *kind, unsigned cpu, long ops)
{
	struct worker *self = &shared->worker[cpu];

	bind(cpu);
	kind->work(ops / 16); /* what is slow once only */
	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST))
		__builtin_ia32_pause();
	self->start = now();
	self->done = kind->work(ops) ? ops : -1;
	self->end = now();
	_exit(0);
}

/* Nanoseconds; the operations done are added up. */
static long run(const struct kind *kind, unsigned cpus, long ops, long *done)
{
	long first = 0, last = 0;

	memset(shared, 0, sizeof(*shared));
	for (unsigned cpu = 0; cpu < cpus; cpu++)
		if (!fork())
			run_worker(kind, cpu, ops);
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < cpus)
		usleep(1000);
	__atomic_store_n(&shared->go, 1, __ATOMIC_SEQ_CST);
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		const struct worker *worker = &shared->worker[cpu];

		*done += worker->done;
		if (!cpu || worker->start < first)
			first = worker->start;
		if (worker->end > last)
			last = worker->end;
	}
	return last - first;
}

static int number(int argc, char **argv, int which, int otherwise)
{
	return argc > which ? atoi(argv[which]) : otherwise;
}

int main(int argc, char **argv)
{
	unsigned cpus = (unsigned)number(argc, argv, 1, 2);
	int rounds = number(argc, argv, 2, 1);
	long ops = number(argc, argv, 3, 20) * 1000L;

	unsigned first = argc > 5 ? cpus : 1;

	if (cpus < 1 || cpus > MOST_CPUS)
		return 2;
	shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned k = 0; k < ARRAY_SIZE(kinds); k++) {
		long done = 0;

		if (argc > 4 && strcmp(argv[4], kinds[k].name))
			continue;
		/* One after the other, so that what slows the host down slows both. */
		for (int round = 0; round < rounds; round++) {
			for (unsigned n = first; n <= cpus; n += cpus > 1 ? cpus - 1 : 1) {
				long ns = run(&kinds[k], n, ops, &done);

				say("scaling %s cpus=%u ops=%ld ns=%ld\n", kinds[k].name, n, ops,
				    ns);
			}
		}
		tap_answer(kinds[k].name, done,
			   (first < cpus ? 1 + (long)cpus : (long)cpus) * rounds * ops);
	}
	return tap_end();
}
