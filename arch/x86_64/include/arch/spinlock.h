/* SPDX-License-Identifier: MIT */
/*
 * Spin locks: tickets, so who waits longest goes next. Holding one disables preemption; the
 * holder does not sleep and touches no user memory. A lock that interrupt handlers take is
 * always taken with interrupts off: the _irq forms. Order: docs/locking.md.
 */
#pragma once

#include <arch/cpu.h>
#include <arch/preempt.h>
#include <quench/compiler.h>
#include <quench/types.h>

struct arch_spinlock {
	union {
		u32 both;
		struct {
			u16 serving; /* ticket of the holder */
			u16 next;    /* ticket of the next to come */
		};
	};
};

#define ARCH_SPINLOCK_INIT \
	{                  \
		{          \
			0  \
		}          \
	}

static inline void arch_spin_init(struct arch_spinlock *lock)
{
	*lock = (struct arch_spinlock)ARCH_SPINLOCK_INIT;
}

static inline void arch_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/* Waits for `ticket` (smp/spinlock.c); a wait that cannot end panics. */
void arch_spin_wait(struct arch_spinlock *lock, u16 ticket);

/* The lock alone; preemption or interrupts are already off. */
static inline void arch_spin_lock_raw(struct arch_spinlock *lock)
{
	u16 ticket = 1;

	__asm__ volatile("lock xaddw %0, %1" : "+r"(ticket), "+m"(lock->next)::"memory", "cc");
	if (unlikely(READ_ONCE(lock->serving) != ticket))
		arch_spin_wait(lock, ticket);
}
static inline void arch_spin_unlock_raw(struct arch_spinlock *lock)
{
	__asm__ volatile("incw %0" : "+m"(lock->serving)::"memory", "cc");
}
static inline bool arch_spin_trylock_raw(struct arch_spinlock *lock)
{
	u32 old = READ_ONCE(lock->both);
	u32 taken = (old & 0xffff) | (old + 0x10000) >> 16 << 16;

	return old >> 16 == (old & 0xffff) &&
	       __atomic_compare_exchange_n(&lock->both, &old, taken, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
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
