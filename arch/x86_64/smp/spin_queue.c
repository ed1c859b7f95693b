/* SPDX-License-Identifier: MIT */
/* The queue of a spin lock. PURE. */
#include <quench/compiler.h>
#include <x86/spin_queue.h>

/* Behind the one before, if there is one: until that one leaves the queue's head. */
static void come_first(struct arch_spinlock *lock, u16 self, const struct spin_waiting *waiting)
{
	struct spin_node *node = waiting->node(self);
	u16 before;

	node->next = NULL;
	node->first = 0;
	before = __atomic_exchange_n(&lock->tail, self, __ATOMIC_SEQ_CST);
	if (!before)
		return;
	__atomic_store_n(&waiting->node(before)->next, node, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&node->first, __ATOMIC_ACQUIRE))
		waiting->look(waiting->context);
}

/* At the head, the lock just taken: the next one is at the head now. */
static void make_room(const struct spin_node *node, const struct spin_waiting *waiting)
{
	struct spin_node *next;

	while (!(next = __atomic_load_n(&node->next, __ATOMIC_ACQUIRE)))
		waiting->look(waiting->context);
	__atomic_store_n(&next->first, 1, __ATOMIC_RELEASE);
}

void spin_queue_wait(struct arch_spinlock *lock, u16 self, const struct spin_waiting *waiting)
{
	u32 alone = (struct arch_spinlock){ .tail = self }.word;

	come_first(lock, self, waiting);
	while (__atomic_load_n(&lock->held, __ATOMIC_ACQUIRE))
		waiting->look(waiting->context);
	/* Only the head takes it while there is a queue; with the last one the queue ends. */
	if (__atomic_compare_exchange_n(&lock->word, &alone, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		return;
	__atomic_store_n(&lock->held, 1, __ATOMIC_SEQ_CST);
	make_room(waiting->node(self), waiting);
}
