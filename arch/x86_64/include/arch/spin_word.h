/* SPDX-License-Identifier: MIT */
/* The word of a spin lock. PURE. */
#pragma once

#include <quench/types.h>

/* 0: free, and nobody waits. Who waits in the queue is named by `tail` (x86/spin_queue.h). */
struct arch_spinlock {
	union {
		u32 word;
		struct {
			u8 held; /* 1: somebody holds it */
			u8 zero;
			u16 tail; /* the last one in the queue, 0: none */
		};
	};
};

#define ARCH_SPINLOCK_INIT \
	{                  \
		{          \
			0  \
		}          \
	}
