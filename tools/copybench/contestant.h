/* SPDX-License-Identifier: MIT */
/* Who is measured: every variant, what ships by default, and the peers. */
#pragma once

#include <quench/types.h>

/* What the three arguments of a contestant are. */
enum shape {
	SHAPE_COPY,  /* to, from, n */
	SHAPE_CLEAR, /* to, n */
	SHAPE_SET,   /* to, 0, n */
};

typedef u64 (*timed_fn)(u64 a, u64 b, u64 c);

struct contestant {
	const char *name;
	timed_fn fn;
	enum shape shape;
	u64 max_bytes; /* too slow to be waited for beyond */
	bool peer;
};

#define MAX_CONTESTANTS 32

/*
 * Fills `out` with those of copying, or of clearing: the variants, "quench" (copy_from_user or
 * clear_user through its patched dispatch), "glibc", and the string instructions. With `only` not
 * NULL, of the variants that one alone. Returns how many.
 */
size_t contestants(bool clear, const char *only, struct contestant out[MAX_CONTESTANTS]);
/* Whether a variant of either kind has that name. */
bool contestant_exists(const char *name);
