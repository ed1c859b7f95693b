/* SPDX-License-Identifier: MIT */
/*
 * Futexes. A waiter enters its queue first and looks at the word afterwards; who wakes has changed
 * the word before it looks at the queue. So the word is never read under a lock, where the copy
 * could not sleep, and no wake-up is lost.
 */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/lib/list.h>
#include <kernel/proc/futex.h>
#include <kernel/proc/process.h>
#include <kernel/sched/wait.h>
#include <linux/futex.h>

#define NR_BUCKETS 256

struct futex_bucket {
	struct arch_spinlock lock; /* protects `waiters` and what is in them */
	struct list waiters;
} __aligned(64);

struct futex_waiter {
	struct list link;
	struct futex_bucket *bucket; /* changes with both buckets locked */
	struct futex_key key;
	struct task *task;
	u32 bitset;
	u32 state; /* enum waiting; locked, but for the last change */
};

/* The waker is done with the waiter, which stands on its task's stack, when it writes WOKEN. */
enum waiting { WOKEN, WAKING, QUEUED };

static struct futex_bucket buckets[NR_BUCKETS];

static struct futex_bucket *bucket_of(const struct futex_key *key)
{
	u64 hash = (key->address >> 2 ^ key->space >> 5) * UINT64_C(0x9e3779b97f4a7c15);

	return &buckets[hash >> 56];
}

static struct list *waiters_of(struct futex_bucket *bucket)
{
	if (!bucket->waiters.next) /* the first use; locked */
		list_init(&bucket->waiters);
	return &bucket->waiters;
}

static int key_of(u64 address, bool shared, struct futex_key *key)
{
	struct aspace *aspace = task_current()->aspace;

	if (address & 3)
		return -EINVAL;
	if (!user_range_ok((void __user *)address, sizeof(u32)))
		return -EFAULT;
	*key = (struct futex_key){ (u64)aspace, address };
	return shared ? aspace_futex_key(aspace, address, key) : 0;
}

static bool same(const struct futex_key *a, const struct futex_key *b)
{
	return a->address == b->address && a->space == b->space;
}

static void enqueue(struct futex_waiter *waiter)
{
	waiter->bucket = bucket_of(&waiter->key);
	waiter->state = QUEUED;
	arch_spin_lock(&waiter->bucket->lock);
	list_append(waiters_of(waiter->bucket), &waiter->link);
	arch_spin_unlock(&waiter->bucket->lock);
}

/* True: it was still in a queue, nobody has woken it. */
static bool dequeue(struct futex_waiter *waiter)
{
	struct futex_bucket *bucket;
	bool queued;

	if (likely(__atomic_load_n(&waiter->state, __ATOMIC_ACQUIRE) == WOKEN))
		return false;
	for (;;) {
		bucket = READ_ONCE(waiter->bucket);
		arch_spin_lock(&bucket->lock);
		if (bucket == waiter->bucket)
			break;
		arch_spin_unlock(&bucket->lock);
	}
	queued = waiter->state == QUEUED;
	if (queued)
		list_remove(&waiter->link);
	arch_spin_unlock(&bucket->lock);
	return queued;
}

/* Sleeps until woken, the time is up, or a signal comes: 0, -ETIMEDOUT, -ERESTARTSYS; whether it
 * was woken all the same, dequeue tells. */
static int sleep(struct futex_waiter *waiter, u64 deadline)
{
	int error = 0;

	for (;;) {
		sched_prepare(TASK_INTERRUPTIBLE);
		if (READ_ONCE(waiter->state) != QUEUED)
			break;
		error = wait_interrupted(TASK_INTERRUPTIBLE);
		if (error)
			break;
		if (deadline == SCHED_FOREVER) {
			sched_sleep();
			if (READ_ONCE(waiter->state) != QUEUED)
				break;
		} else if (!sched_sleep_until(deadline)) {
			error = -ETIMEDOUT;
			break;
		}
	}
	sched_running();
	return error;
}

int futex_wait(u64 address, bool shared, u32 expected, u32 bitset, u64 deadline)
{
	struct futex_waiter waiter;
	u32 value;
	int error = bitset ? key_of(address, shared, &waiter.key) : -EINVAL;

	if (error)
		return error;
	waiter.task = task_current();
	waiter.bitset = bitset;
	enqueue(&waiter);
	error = get_user_32(&value, (void __user *)address);
	if (!error && value != expected)
		error = -EAGAIN;
	if (!error)
		error = sleep(&waiter, deadline);
	return dequeue(&waiter) ? error : 0;
}

/* The waiter's bucket is locked: one that sees itself out before WOKEN waits for that lock. */
static inline void rouse(struct futex_waiter *waiter)
{
	waiter->link.prev->next = waiter->link.next;
	waiter->link.next->prev = waiter->link.prev;
	WRITE_ONCE(waiter->state, WAKING);
	sched_wake_lazy(waiter->task, TASK_INTERRUPTIBLE);
	__atomic_store_n(&waiter->state, WOKEN, __ATOMIC_RELEASE);
}

int futex_wake(u64 address, bool shared, u32 n, u32 bitset)
{
	struct futex_waiter *waiter, *spare;
	struct futex_bucket *bucket;
	struct futex_key key;
	u32 woken = 0;
	int error = bitset ? key_of(address, shared, &key) : -EINVAL;

	if (error)
		return error;
	bucket = bucket_of(&key);
	arch_spin_lock(&bucket->lock);
	list_for_each_safe(waiter, spare, waiters_of(bucket), link)
	{
		if (woken == n)
			break;
		if (!same(&waiter->key, &key) || !(waiter->bitset & bitset))
			continue;
		rouse(waiter);
		woken++;
	}
	arch_spin_unlock(&bucket->lock);
	return (int)woken;
}

int futex_wake_address(u64 address, bool shared, u32 n)
{
	return futex_wake(address, shared, n, FUTEX_BITSET_MATCH_ANY);
}

/* By address, so that two who take two never wait for each other. */
static void lock_both(struct futex_bucket *a, struct futex_bucket *b)
{
	struct futex_bucket *first = a < b ? a : b, *second = a < b ? b : a;

	arch_spin_lock(&first->lock);
	if (second != first)
		arch_spin_lock(&second->lock);
}

static void unlock_both(struct futex_bucket *a, struct futex_bucket *b)
{
	arch_spin_unlock(&a->lock);
	if (a != b)
		arch_spin_unlock(&b->lock);
}

/* Both locked. */
static u32 move(struct futex_bucket *bucket, const struct futex_key *from,
		const struct futex_key *to, u32 n, u32 more)
{
	struct futex_bucket *target = bucket_of(to);
	struct futex_waiter *waiter, *spare;
	struct list moved;
	u32 done = 0;

	list_init(&moved);
	list_for_each_safe(waiter, spare, waiters_of(bucket), link)
	{
		if (done == n + more)
			break;
		if (!same(&waiter->key, from))
			continue;
		if (done++ < n) {
			rouse(waiter);
			continue;
		}
		list_remove(&waiter->link);
		waiter->key = *to;
		WRITE_ONCE(waiter->bucket, target);
		list_append(&moved, &waiter->link);
	}
	list_splice(waiters_of(target), &moved);
	return done;
}

int futex_requeue(u64 from, u64 to, bool shared, u32 n, u32 more, bool check, u32 expected)
{
	struct futex_key from_key, to_key;
	u32 value, done;
	int error = key_of(from, shared, &from_key);

	if (!error)
		error = key_of(to, shared, &to_key);
	if (!error && check)
		error = get_user_32(&value, (void __user *)from);
	if (error)
		return error;
	if (check && value != expected)
		return -EAGAIN;
	lock_both(bucket_of(&from_key), bucket_of(&to_key));
	done = move(bucket_of(&from_key), &from_key, &to_key, n, more);
	unlock_both(bucket_of(&from_key), bucket_of(&to_key));
	return (int)done;
}

/* The owner of the robust futex at `address` has died. False: the list cannot be gone on with. */
static bool mark_dead(const struct task *task, u64 address, bool pending)
{
	u32 word, marked;

	if (address & 3 || get_user_32(&word, (void __user *)address))
		return false;
	for (;;) {
		int error;

		if ((word & FUTEX_TID_MASK) != (u32)task->pid) {
			/* Between taking it off the list and waking: somebody may wait for nobody.
			 */
			if (pending && !(word & FUTEX_TID_MASK))
				futex_wake_address(address, true, 1);
			return true;
		}
		marked = (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		error = cmpxchg_user_32((void __user *)address, &word, marked);
		if (error == -EAGAIN)
			continue;
		if (error)
			return false;
		break;
	}
	if (word & FUTEX_WAITERS)
		futex_wake_address(address, true, 1);
	return true;
}

void futex_release_robust(struct task *task)
{
	struct robust_list_head head;
	u64 start = task->robust_list, entry, pending;

	if (copy_from_user(&head, (void __user *)start, sizeof(head)))
		return;
	entry = (u64)head.list.next;
	pending = (u64)head.list_op_pending;
	for (u32 i = 0; i < ROBUST_LIST_LIMIT && (entry & ~1ul) != start; i++) {
		u64 next;
		bool more = !get_user_64(&next, (void __user *)(entry & ~1ul));

		if ((entry & ~1ul) != (pending & ~1ul) &&
		    !mark_dead(task, (entry & ~1ul) + (u64)head.futex_offset, false))
			return;
		if (!more)
			return;
		entry = next;
	}
	if (pending)
		(void)mark_dead(task, (pending & ~1ul) + (u64)head.futex_offset, true);
}
