/* SPDX-License-Identifier: MIT */
/*
 * AC, DF, the user-access window and what registers point to, at every step of a stream: the
 * least fixed point of an abstract interpretation, fixup edges included. PURE.
 */
#pragma once

#include "stream.h"
#include "uaccess.h"

/* A flag, or the window, may be either; a set of these. */
enum { MAY_BE_CLEAR = 1, MAY_BE_SET = 2 };

/* What a register holds, better before worse: at a join the worse remains. */
enum kind {
	KIND_KERNEL, /* a pointer to kernel memory, or made of one */
	KIND_DATA,   /* anything, above all what came from memory */
	KIND_USER,   /* a user pointer, or made of one */
};

struct state {
	bool reached;
	u8 ac, df, window;
	u8 kind[16];
};

struct flow {
	const struct stream *stream;
	struct state *states; /* before each step */
	u32 *work;            /* stack of steps to look at again */
	size_t nr_work;
	bool *queued;
};

/* The state a function is entered with. `unknown_flags`: as interrupts find them; then AC may be
 * set only if `smap`, for without SMAP it means nothing to the kernel. */
struct state flow_entry(const struct user_routine *routine, bool unknown_flags, bool smap);

/* Room for a stream of up to n steps. */
bool flow_init(struct flow *flow, size_t n);
void flow_free(struct flow *flow);

/* Forgets all states, then: everything that is reached with `state` at step `root`. */
void flow_begin(struct flow *flow, const struct stream *stream);
void flow_from(struct flow *flow, size_t root, const struct state *state);

/* What a memory operand may refer to. */
enum kind flow_memory_kind(const struct state *state, const struct memory_operand *memory);
