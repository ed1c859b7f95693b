// SPDX-License-Identifier: MIT
/* Threads and futexes, as a libc uses them and bare. TAP on standard output. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "tap.h"

/* <linux/futex.h>, which musl's headers lack. */
enum {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_PRIVATE = 128,
	FUTEX_CLOCK_REALTIME = 256,
};
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u

struct robust_list {
	struct robust_list *next;
};
struct robust_list_head {
	struct robust_list list;
	long futex_offset;
	struct robust_list *pending;
};

#define THREADS 8
#define ROUNDS  2000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long guarded;
static atomic_long started;

static void *add(void *argument)
{
	atomic_fetch_add(&started, 1);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		guarded++;
		pthread_mutex_unlock(&mutex);
		if (i % 64 == 0)
			sched_yield();
	}
	return argument;
}

static void check_mutex(void)
{
	pthread_t threads[THREADS];
	long answers = 0;

	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, add, (void *)i))
			return tap_true("a thread was made", 0);
	for (long i = 0; i < THREADS; i++) {
		void *answer;

		pthread_join(threads[i], &answer);
		answers += (long)answer;
	}
	tap_answer("every thread ran", started, THREADS);
	tap_answer("what a mutex guards is counted right", guarded, THREADS * ROUNDS);
	tap_answer("joins give the threads' answers", answers, THREADS * (THREADS - 1) / 2);
}

static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *argument)
{
	int mine = (int)(long)argument;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % 3 != mine)
			pthread_cond_wait(&changed, &mutex);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void check_condition(void)
{
	pthread_t threads[3];

	for (long i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, take_turns, (void *)i);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	tap_answer("three threads took turns by a condition variable", turn, 600);
}

static __thread int own = 7;

static void *own_value(void *argument)
{
	int before = own;

	own = (int)(long)argument;
	sched_yield();
	return (void *)(long)(before == 7 && own == (int)(long)argument);
}

static void check_thread_local(void)
{
	pthread_t threads[THREADS];
	long right = 0;

	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, own_value, (void *)(i + 100));
	for (int i = 0; i < THREADS; i++) {
		void *answer;

		pthread_join(threads[i], &answer);
		right += (long)answer;
	}
	tap_answer("thread-local variables are each thread's own", right, THREADS);
	tap_answer("and this one's is untouched", own, 7);
}

static void *numbers(void *argument)
{
	long *out = argument;

	out[0] = RAW(SYS_getpid);
	out[1] = RAW(SYS_gettid);
	return NULL;
}

static void check_numbers(void)
{
	long seen[2];
	pthread_t thread;

	pthread_create(&thread, NULL, numbers, seen);
	pthread_join(thread, NULL);
	tap_answer("a thread has its process's number", seen[0], getpid());
	tap_true("and one of its own", seen[1] > 0 && seen[1] != seen[0]);
	tap_answer("the first thread's is the process's", RAW(SYS_gettid), getpid());
}

/* The calls themselves. */

static uint32_t word;

static long futex(uint32_t *at, int operation, uint32_t value, const struct timespec *time,
		  uint32_t *other, uint32_t third)
{
	return RAW(SYS_futex, WORD(at), operation, value, WORD(time), WORD(other), third);
}

static void check_futex_answers(void)
{
	const struct timespec soon = { 0, 2000000 }, bad = { 0, 1000000000 }, past = { 0, 1 };
	struct timespec before, after;

	word = 5;
	tap_answer("FUTEX_WAIT on another value", futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0),
		   -EAGAIN);
	clock_gettime(CLOCK_MONOTONIC, &before);
	tap_answer("FUTEX_WAIT until the time is up",
		   futex(&word, FUTEX_WAIT | FUTEX_PRIVATE, 5, &soon, NULL, 0), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	tap_true("which took that time",
		 (after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec >=
			 2000000);
	tap_answer("FUTEX_WAIT_BITSET until a time that is past",
		   futex(&word, FUTEX_WAIT_BITSET, 5, &past, NULL, ~0u), -ETIMEDOUT);
	tap_answer("the same on the real-time clock",
		   futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &past, NULL, ~0u),
		   -ETIMEDOUT);
	tap_answer("FUTEX_WAIT with a time that is none",
		   futex(&word, FUTEX_WAIT, 5, &bad, NULL, 0), -EINVAL);
	tap_answer("FUTEX_WAIT_BITSET for no bit",
		   futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), -EINVAL);
	tap_answer("FUTEX_WAKE of nobody", futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	tap_answer("FUTEX_WAIT at an odd address",
		   futex((uint32_t *)(WORD(&word) + 1), FUTEX_WAIT, 5, NULL, NULL, 0), -EINVAL);
	tap_answer("FUTEX_WAIT at NULL", futex(NULL, FUTEX_WAIT, 5, NULL, NULL, 0), -EFAULT);
	tap_answer("FUTEX_WAKE at a kernel address",
		   futex((uint32_t *)0xffffffff81000000, FUTEX_WAKE, 1, NULL, NULL, 0), -EFAULT);
	tap_answer("FUTEX_CMP_REQUEUE on another value",
		   futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &word, 4), -EAGAIN);
	tap_answer("an unknown operation", futex(&word, 99, 0, NULL, NULL, 0), -ENOSYS);
}

static uint32_t first, second;
static atomic_int asleep, awake;

static void *wait_first(void *argument)
{
	atomic_fetch_add(&asleep, 1);
	while (futex(&first, FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 0, NULL, NULL,
		     (uint32_t)(long)argument) == -EINTR)
		;
	atomic_fetch_add(&awake, 1);
	return NULL;
}

/* Until they all sleep: the kernel says so by how many it can move. */
static void gather(int n)
{
	while (atomic_load(&asleep) < n)
		sched_yield();
	for (int i = 0; i < 100; i++)
		sched_yield();
}

static void check_requeue(void)
{
	pthread_t threads[4];
	long moved = 0;

	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, wait_first, (void *)(1L << i));
	gather(4);
	while (futex(&first, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, INT_MAX, NULL, NULL, 1 << 4))
		;
	tap_answer("nobody waits for bit 4", atomic_load(&awake), 0);
	while (futex(&first, FUTEX_WAKE_BITSET | FUTEX_PRIVATE, INT_MAX, NULL, NULL, 1 << 2) != 1)
		sched_yield();
	while (moved < 3)
		moved += futex(&first, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE, 0, (void *)(3 - moved),
			       &second, 0);
	tap_answer("three waiters moved", moved, 3);
	tap_answer("none is left where they were",
		   futex(&first, FUTEX_WAKE | FUTEX_PRIVATE, INT_MAX, NULL, NULL, 0), 0);
	tap_answer("they are woken at the new place",
		   futex(&second, FUTEX_WAKE | FUTEX_PRIVATE, INT_MAX, NULL, NULL, 0), 3);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	tap_answer("and all have gone on", atomic_load(&awake), 4);
}

static struct robust {
	struct robust_list_head head;
	struct robust_list entry;
	uint32_t word;
} robust;

static void *die_with_it(void *argument)
{
	robust.head.list.next = &robust.entry;
	robust.head.futex_offset = offsetof(struct robust, word) - offsetof(struct robust, entry);
	robust.entry.next = &robust.head.list;
	robust.word = (uint32_t)RAW(SYS_gettid) | FUTEX_WAITERS;
	*(long *)argument = RAW(SYS_set_robust_list, WORD(&robust.head), sizeof(robust.head));
	return NULL;
}

static void check_robust(void)
{
	pthread_t thread;
	long answer = -1;

	tap_answer("set_robust_list of a wrong size", RAW(SYS_set_robust_list, WORD(&robust), 8),
		   -EINVAL);
	pthread_create(&thread, NULL, die_with_it, &answer);
	pthread_join(thread, NULL);
	tap_answer("set_robust_list", answer, 0);
	tap_answer("the dead owner's futex says so", robust.word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
}

static void check_sleep(void)
{
	const struct timespec bad = { 0, -1 }, little = { 0, 1000000 };
	struct timespec now;

	tap_answer("nanosleep", RAW(SYS_nanosleep, WORD(&little), 0), 0);
	tap_answer("nanosleep of a time that is none", RAW(SYS_nanosleep, WORD(&bad), 0), -EINVAL);
	tap_answer("nanosleep at NULL", RAW(SYS_nanosleep, 0, 0), -EFAULT);
	clock_gettime(CLOCK_MONOTONIC, &now);
	tap_answer("clock_nanosleep until now",
		   RAW(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, WORD(&now), 0), 0);
	tap_answer("clock_nanosleep on no clock", RAW(SYS_clock_nanosleep, 77, 0, WORD(&little), 0),
		   -EINVAL);
}

static void check_scheduling(void)
{
	uint64_t mask[16] = { 0 };
	struct sched_param param = { 0 };
	long bytes = RAW(SYS_sched_getaffinity, 0, sizeof(mask), WORD(mask));

	tap_true("sched_getaffinity", bytes >= 8 && mask[0] & 1);
	tap_answer("sched_getaffinity into too little",
		   RAW(SYS_sched_getaffinity, 0, 1, WORD(mask)), -EINVAL);
	tap_answer("sched_setaffinity to what there is",
		   RAW(SYS_sched_setaffinity, 0, sizeof(mask), WORD(mask)), 0);
	memset(mask, 0, sizeof(mask));
	tap_answer("sched_setaffinity to nothing",
		   RAW(SYS_sched_setaffinity, 0, sizeof(mask), WORD(mask)), -EINVAL);
	mask[0] = 1;
	tap_answer("sched_setaffinity to the first", RAW(SYS_sched_setaffinity, 0, 8, WORD(mask)),
		   0);
	tap_answer("then it runs there", sched_getcpu(), 0);
	tap_answer("sched_setaffinity of nobody", RAW(SYS_sched_setaffinity, 99999, 8, WORD(mask)),
		   -ESRCH);
	tap_answer("sched_getscheduler", RAW(SYS_sched_getscheduler, 0), SCHED_OTHER);
	tap_answer("sched_setscheduler with a priority OTHER has not",
		   RAW(SYS_sched_setscheduler, 0, SCHED_OTHER, WORD(&(int){ 5 })), -EINVAL);
	tap_answer("sched_getparam", RAW(SYS_sched_getparam, 0, WORD(&param)), 0);
	tap_answer("sched_get_priority_max of FIFO", RAW(SYS_sched_get_priority_max, SCHED_FIFO),
		   99);
	tap_answer("setpriority", RAW(SYS_setpriority, 0, 0, 19), 0);
	tap_answer("getpriority is 20 - nice", RAW(SYS_getpriority, 0, 0), 1);
	tap_answer("setpriority of nobody", RAW(SYS_setpriority, 0, 99999, 0), -ESRCH);
	tap_answer("sched_yield", RAW(SYS_sched_yield), 0);
}

int main(void)
{
	check_mutex();
	check_condition();
	check_thread_local();
	check_numbers();
	check_futex_answers();
	check_requeue();
	check_robust();
	check_sleep();
	check_scheduling();
	return tap_end();
}
