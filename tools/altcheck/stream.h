/* SPDX-License-Identifier: MIT */
/*
 * A function as it runs on processors with certain features: the winning version of each site in
 * its place. Made from the instructions, not from patched bytes: what patch/ does is judged, not
 * used. PURE.
 */
#pragma once

#include "combination.h"

struct step {
	u64 at;                  /* where it runs */
	const struct insn *insn; /* as assembled; NULL: NOPs of padding */
	u64 target;              /* of a direct branch, as it runs */
	u64 fixup;               /* of its exception table entry, as it runs; 0: it has none */
	u64 from;                /* where it was assembled, for messages */
	unsigned bytes;
	unsigned nr_entries; /* live ones for this instruction */
	bool opens, closes;  /* begins a site that has stac, or clac, among its versions */
};

struct stream {
	struct step *steps; /* by `at`, without gaps */
	size_t nr_steps, room;
	u64 start, end;
};

/* Fills `stream`, which is empty or from an earlier call. False: code is missing (reported
 * elsewhere), or memory is out. */
bool stream_make(struct stream *stream, const struct check *check, const struct function *function,
		 const struct combination *combination);
void stream_free(struct stream *stream);

/* The step that runs at `address`, or NULL. */
struct step *stream_at(const struct stream *stream, u64 address);
