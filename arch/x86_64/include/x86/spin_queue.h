/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a spin lock in a queue, each waiter on a word of its own (Mellor-Crummey, Scott:
 * "Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors", 1991), with the
 * queue's end in the lock's own word. First come, first served: with somebody in the queue the
 * word is not 0, so that nobody takes the lock from outside. PURE: the caller brings the nodes.
 */
#pragma once

#include <arch/spin_word.h>

struct spin_node {
	struct spin_node *next; /* who comes after, once it has said so */
	u32 first;              /* 1: at the queue's head */
} __attribute__((aligned(64)));

struct spin_waiting {
	struct spin_node *(*node)(u16 tail); /* the node a tail stands for */
	void (*look)(void *context);         /* called between two looks: pauses, may give up */
	void *context;
};

/* Waits in the queue of a lock that was not free, and takes it. `self`: not 0, stands for a node
 * that nobody uses meanwhile. */
void spin_queue_wait(struct arch_spinlock *lock, u16 self, const struct spin_waiting *waiting);
