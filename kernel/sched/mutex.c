/* SPDX-License-Identifier: MIT */
/*
 * Locks that sleep. Each side makes its change with a full barrier and then looks for the other's:
 * the unlocker for waiters, the waiter (in the queue by then) for the lock. So none is missed.
 */
#include <asm/errno.h>
#include <kernel/sched/mutex.h>

#define RW_WRITER UINT32_C(0x80000000)

void mutex_init(struct mutex *mutex)
{
	mutex->held = 0;
	wait_queue_init(&mutex->waiters);
}

int mutex_lock_slowly(struct mutex *mutex, enum task_state state)
{
	struct waiter self = { .exclusive = true };
	int error = 0;

	for (;;) {
		wait_prepare(&mutex->waiters, &self, state);
		if (mutex_try_lock(mutex))
			break;
		error = wait_interrupted(state);
		if (error)
			break;
		sched_sleep();
	}
	wait_finish(&mutex->waiters, &self);
	/* The wake-up that was meant for one who gives up goes to the next. */
	if (error && !READ_ONCE(mutex->held))
		wait_wake(&mutex->waiters, 1, 0);
	return error;
}

void mutex_wake(struct mutex *mutex)
{
	wait_wake(&mutex->waiters, 1, 0);
}

void rw_init(struct rwlock_sleep *lock)
{
	lock->state = lock->writers_waiting = 0;
	wait_queue_init(&lock->waiters);
}

bool rw_try_read_lock(struct rwlock_sleep *lock)
{
	u32 state = READ_ONCE(lock->state);

	while (!(state & RW_WRITER) && !READ_ONCE(lock->writers_waiting)) {
		if (__atomic_compare_exchange_n(&lock->state, &state, state + 1, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	}
	return false;
}

void rw_read_lock(struct rwlock_sleep *lock)
{
	if (unlikely(!rw_try_read_lock(lock)))
		wait_event(&lock->waiters, rw_try_read_lock(lock));
}

static void wake_waiters(struct rwlock_sleep *lock)
{
	if (unlikely(wait_queue_active(&lock->waiters)))
		wait_wake(&lock->waiters, WAIT_ALL, 0);
}

void rw_read_unlock(struct rwlock_sleep *lock)
{
	if (__atomic_sub_fetch(&lock->state, 1, __ATOMIC_SEQ_CST) == 0)
		wake_waiters(lock);
}

bool rw_try_write_lock(struct rwlock_sleep *lock)
{
	u32 free = 0;

	return __atomic_compare_exchange_n(&lock->state, &free, RW_WRITER, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

void rw_write_lock(struct rwlock_sleep *lock)
{
	if (likely(rw_try_write_lock(lock)))
		return;
	__atomic_fetch_add(&lock->writers_waiting, 1, __ATOMIC_SEQ_CST);
	wait_event(&lock->waiters, rw_try_write_lock(lock));
	__atomic_fetch_sub(&lock->writers_waiting, 1, __ATOMIC_SEQ_CST);
}

void rw_write_unlock(struct rwlock_sleep *lock)
{
	__atomic_exchange_n(&lock->state, 0, __ATOMIC_SEQ_CST);
	wake_waiters(lock);
}
