/* SPDX-License-Identifier: MIT */
/*
 * Locks that sleep: a mutex and a lock with many readers or one writer.
 * Process context, no spinlock held; held across a sleep and a page fault at will. Uncontended,
 * each is one atomic operation.
 */
#pragma once

#include <kernel/sched/wait.h>

struct mutex {
	u32 held; /* 0 or 1, changed atomically */
	struct wait_queue waiters;
};
#define MUTEX_INIT(name)                                   \
	{                                                  \
		.waiters = WAIT_QUEUE_INIT((name).waiters) \
	}

void mutex_init(struct mutex *mutex);
#ifndef QUENCH_HOST /* the tests bring locks that count */
/* With somebody there: waits; wakes one who waits (mutex.c). */
int mutex_lock_slowly(struct mutex *mutex, enum task_state state);
void mutex_wake(struct mutex *mutex);

static inline __must_check bool mutex_try_lock(struct mutex *mutex)
{
	return !READ_ONCE(mutex->held) && !__atomic_exchange_n(&mutex->held, 1, __ATOMIC_SEQ_CST);
}
static inline void mutex_lock(struct mutex *mutex)
{
	if (unlikely(!mutex_try_lock(mutex)))
		(void)mutex_lock_slowly(mutex, TASK_UNINTERRUPTIBLE);
}
/* 0, or -ERESTARTSYS when a signal came first; then it is not held. */
static inline __must_check int mutex_lock_interruptible(struct mutex *mutex)
{
	return likely(mutex_try_lock(mutex)) ? 0 : mutex_lock_slowly(mutex, TASK_INTERRUPTIBLE);
}
/* A full barrier, before it looks for waiters. */
static inline void mutex_unlock(struct mutex *mutex)
{
	__atomic_exchange_n(&mutex->held, 0, __ATOMIC_SEQ_CST);
	if (unlikely(wait_queue_active(&mutex->waiters)))
		mutex_wake(mutex);
}
#else
void mutex_lock(struct mutex *mutex);
int mutex_lock_interruptible(struct mutex *mutex) __must_check;
bool mutex_try_lock(struct mutex *mutex) __must_check;
void mutex_unlock(struct mutex *mutex);
#endif

/* Readers together, or one writer. A waiting writer keeps new readers out: so no task may take it
 * for reading twice (a page fault within a read section of the same lock would). */
struct rwlock_sleep {
	u32 state;           /* the number of readers, or the top bit for a writer; atomic */
	u32 writers_waiting; /* atomic */
	struct wait_queue waiters;
};
void rw_init(struct rwlock_sleep *lock);
void rw_read_lock(struct rwlock_sleep *lock);
bool rw_try_read_lock(struct rwlock_sleep *lock) __must_check;
void rw_read_unlock(struct rwlock_sleep *lock);
void rw_write_lock(struct rwlock_sleep *lock);
bool rw_try_write_lock(struct rwlock_sleep *lock) __must_check;
void rw_write_unlock(struct rwlock_sleep *lock);
