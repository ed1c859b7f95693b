/* SPDX-License-Identifier: MIT */
/* The tables of contestants. */
#include "contestant.h"

#include "peers.h"

#include <arch/uaccess.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTEWISE_MAX_BYTES KIB(64)

/*
 * All are called with three integers, whatever their prototypes: the System V ABI passes pointers
 * and integers alike, and a callee does not mind an argument it does not look at.
 */
#define AS_TIMED(function) ((timed_fn)(void *)(function))

struct list {
	struct contestant *out;
	size_t n;
};

static void add(struct list *list, const char *name, timed_fn fn, enum shape shape, bool peer)
{
	if (list->n == MAX_CONTESTANTS)
		abort();
	list->out[list->n++] = (struct contestant){
		.name = name,
		.fn = fn,
		.shape = shape,
		.max_bytes = strcmp(name, "reference") ? UINT64_MAX : BYTEWISE_MAX_BYTES,
		.peer = peer,
	};
}

/* The address the C library's resolver chose: not the compiler's builtin, nor a jump through the
 * procedure linkage table, nor what a sanitizer puts before it. */
static timed_fn from_libc(const char *name)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	void *symbol = libc ? dlsym(libc, name) : NULL;

	if (!symbol) {
		fprintf(stderr, "copybench: the C library has no %s\n", name);
		exit(1);
	}
	return AS_TIMED(symbol);
}

/* Asked for or all, and no instruction in it that this processor lacks. */
static bool wanted(const char *name, const char *only)
{
	bool runs = strcmp(name, "masked") ||
		    (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi2"));

	return runs && (!only || !strcmp(only, name));
}

static void add_copies(struct list *list, const char *only)
{
	for (size_t i = 0; i < nr_copy_variants; i++)
		if (wanted(copy_variants[i].name, only))
			add(list, copy_variants[i].name, AS_TIMED(copy_variants[i].copy),
			    SHAPE_COPY, false);
	add(list, "quench", AS_TIMED(copy_from_user), SHAPE_COPY, false);
	add(list, "glibc", from_libc("memcpy"), SHAPE_COPY, true);
	add(list, "rep-movsb", AS_TIMED(peer_rep_movsb), SHAPE_COPY, true);
	add(list, "rep-movsq", AS_TIMED(peer_rep_movsq), SHAPE_COPY, true);
}

static void add_clears(struct list *list, const char *only)
{
	for (size_t i = 0; i < nr_clear_variants; i++)
		if (wanted(clear_variants[i].name, only))
			add(list, clear_variants[i].name, AS_TIMED(clear_variants[i].clear),
			    SHAPE_CLEAR, false);
	add(list, "quench", AS_TIMED(clear_user), SHAPE_CLEAR, false);
	add(list, "glibc", from_libc("memset"), SHAPE_SET, true);
	add(list, "rep-stosb", AS_TIMED(peer_rep_stosb), SHAPE_CLEAR, true);
	add(list, "rep-stosq", AS_TIMED(peer_rep_stosq), SHAPE_CLEAR, true);
}

size_t contestants(bool clear, const char *only, struct contestant out[MAX_CONTESTANTS])
{
	struct list list = { out, 0 };

	if (clear)
		add_clears(&list, only);
	else
		add_copies(&list, only);
	return list.n;
}

bool contestant_exists(const char *name)
{
	for (size_t i = 0; i < nr_copy_variants; i++)
		if (!strcmp(name, copy_variants[i].name))
			return true;
	for (size_t i = 0; i < nr_clear_variants; i++)
		if (!strcmp(name, clear_variants[i].name))
			return true;
	return false;
}
