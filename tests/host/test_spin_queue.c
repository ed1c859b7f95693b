/* SPDX-License-Identifier: MIT */
/* x86/spin_queue.h: threads count under one lock, in the order in which they came. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <x86/spin_queue.h>

#define THREADS 6
#define ROUNDS  20000

static struct arch_spinlock lock;
static struct spin_node nodes[THREADS + 1];
static long counter;
static unsigned inside, together; /* in the critical section; times that two were */

static struct spin_node *node_of(u16 tail)
{
	assert_in_range(tail, 1, THREADS);
	return &nodes[tail];
}

static void look(void *context)
{
	++*(unsigned long *)context;
	sched_yield();
}

static bool try_lock(void)
{
	u32 unheld = 0;

	return __atomic_compare_exchange_n(&lock.word, &unheld, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static void take(u16 self)
{
	unsigned long looks = 0;
	const struct spin_waiting waiting = { node_of, look, &looks };

	if (!try_lock())
		spin_queue_wait(&lock, self, &waiting);
}

static void let_go(void)
{
	__atomic_store_n(&lock.held, 0, __ATOMIC_RELEASE);
}

static void *count(void *self)
{
	for (int i = 0; i < ROUNDS; i++) {
		take((u16)(uintptr_t)self);
		together += inside++ != 0;
		counter++;
		if (i % 64 == 0)
			sched_yield(); /* others come and queue */
		inside--;
		let_go();
	}
	return NULL;
}

static void test_counts(void **state)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, (void *)(i + 1)), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counter, (long)THREADS * ROUNDS);
	assert_int_equal(together, 0);
	assert_int_equal(lock.word, 0);
}

static unsigned order[THREADS], came;

static void *come(void *self)
{
	take((u16)(uintptr_t)self);
	order[came++] = (unsigned)(uintptr_t)self;
	let_go();
	return NULL;
}

/* The lock is held while they come one after the other; nobody who comes later goes first. */
static void test_in_order(void **state)
{
	pthread_t threads[THREADS];

	assert_true(try_lock());
	for (uintptr_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, come, (void *)(i + 1)), 0);
		while (__atomic_load_n(&lock.tail, __ATOMIC_ACQUIRE) != i + 1)
			sched_yield();
	}
	assert_false(try_lock());
	__atomic_store_n(&lock.held, 0, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(order[i], i + 1);
	assert_int_equal(lock.word, 0);
}

/* Between the holder and the queue's head nobody slips in. */
static void test_nobody_slips_in(void **state)
{
	lock.word = 0;
	lock.tail = 1;
	assert_false(try_lock());
	lock.word = 0;
	assert_true(try_lock());
	let_go();
	assert_int_equal(lock.word, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_in_order),
		cmocka_unit_test(test_nobody_slips_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
