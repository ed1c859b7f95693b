/* SPDX-License-Identifier: MIT */
/*
 * Spin locks: one atomic operation to take a free one, a plain store to let it go; how to wait is
 * smp/spinlock.c's business. Holding one disables preemption; the
 * holder does not sleep and touches no user memory. A lock that interrupt handlers take is
 * always taken with interrupts off: the _irq forms. Order: docs/locking.md.
 */
#pragma once

#include <arch/cpu.h>
#include <arch/preempt.h>
#include <arch/spin_word.h>
#include <quench/compiler.h>
#include <quench/types.h>

static inline void arch_spin_init(struct arch_spinlock *lock)
{
	*lock = (struct arch_spinlock)ARCH_SPINLOCK_INIT;
}

static inline void arch_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* Waits for a lock that was not free, and takes it (smp/spinlock.c); a wait that cannot end
 * panics. */
void arch_spin_wait(struct arch_spinlock *lock);
/* How often a processor has had to wait for a lock since the boot, all together. */
u64 arch_spin_waits(void);

static inline bool arch_spin_trylock_raw(struct arch_spinlock *lock)
{
	u32 unheld = 0;

	return __atomic_compare_exchange_n(&lock->word, &unheld, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}
/* The lock alone; preemption or interrupts are already off. */
static inline void arch_spin_lock_raw(struct arch_spinlock *lock)
{
	if (unlikely(!arch_spin_trylock_raw(lock)))
		arch_spin_wait(lock);
}
static inline void arch_spin_unlock_raw(struct arch_spinlock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

static inline void arch_spin_lock(struct arch_spinlock *lock)
{
	preempt_disable();
	arch_spin_lock_raw(lock);
}
static inline bool arch_spin_trylock(struct arch_spinlock *lock)
{
	preempt_disable();
	if (arch_spin_trylock_raw(lock))
		return true;
	preempt_enable();
	return false;
}
static inline void arch_spin_unlock(struct arch_spinlock *lock)
{
	arch_spin_unlock_raw(lock);
	preempt_enable();
}

/* Interrupts are on at the call and on again after the unlock. */
static inline void arch_spin_lock_irq(struct arch_spinlock *lock)
{
	arch_interrupts_off();
	arch_spin_lock(lock);
}
static inline void arch_spin_unlock_irq(struct arch_spinlock *lock)
{
	arch_spin_unlock_raw(lock);
	arch_interrupts_on();
	preempt_enable();
}

/* Interrupts may be on or off: the result goes to the unlock. */
static inline u64 arch_spin_lock_irqsave(struct arch_spinlock *lock)
{
	u64 flags = arch_interrupts_save();

	arch_spin_lock(lock);
	return flags;
}
static inline void arch_spin_unlock_irqrestore(struct arch_spinlock *lock, u64 flags)
{
	arch_spin_unlock_raw(lock);
	arch_interrupts_restore(flags);
	preempt_enable();
}
