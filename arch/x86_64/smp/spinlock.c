/* SPDX-License-Identifier: MIT */
/* Waiting for a spin lock. */
#include <arch/spinlock.h>
#include <quench/log.h>
#include <x86/smp.h>

/* So many looks, minutes at the least, and the lock is never coming back. */
#define PATIENCE (UINT64_C(1) << 34)

/*
 * Calls of other processors are answered while waiting: one that holds the lock may be waiting for
 * this one to drop translations, and interrupts may be off here.
 */
void arch_spin_wait(struct arch_spinlock *lock, u16 ticket)
{
	for (u64 looks = 0; READ_ONCE(lock->serving) != ticket; looks++) {
		arch_pause();
		x86_calls_run();
		if (looks == PATIENCE)
			panic("a spin lock at %p is never let go", (void *)lock);
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}
