/* SPDX-License-Identifier: MIT */
/*
 * Whether the judge of the user copies, copy_case.c with call_checked.asm, notices: routines that
 * break the contract in one way each must be refused, and for that reason. Each has a process of
 * its own, as the judge ends it.
 */
#include "bad_copies.h"

#include "copy_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BYTES 100
#define GOOD  37 /* of them can be read, or written */

static void copy_cases(const struct bad_copy *bad, size_t n)
{
	copy_user_fn copy = (copy_user_fn)bad->fn;

	check_copy(bad->name, copy, middle(to_area) + 5, middle(from_area), n);
	check_copy(bad->name, copy, middle(to_area) + 5, from_area.end - GOOD, n);
	check_copy(bad->name, copy, to_area.end - GOOD, middle(from_area), n);
}

static void run_case(const struct bad_copy *bad)
{
	u8 *wild = (u8 *)UINT64_C(0x0000800000000000);
	struct feature_set smap = { 0 };

	switch (bad->kind) {
	case BAD_COPY:
		copy_cases(bad, bad->fn == (void *)bad_ac || bad->fn == (void *)bad_df ? 0 : BYTES);
		break;
	case BAD_FROM_USER:
		check_from_user(bad->name, (copy_user_fn)bad->fn, middle(to_area) + 5,
				from_area.end - GOOD, BYTES);
		break;
	case BAD_CLEAR:
		check_clear(bad->name, (clear_user_fn)bad->fn, middle(to_area) + 5, BYTES);
		break;
	case BAD_ADDRESS:
		check_nothing_copied(bad->name, (copy_user_fn)bad->fn, middle(to_area) + 5, wild,
				     BYTES);
		break;
	case BAD_CLEAR_ADDRESS:
		check_nothing_cleared(bad->name, (clear_user_fn)bad->fn, wild, BYTES);
		break;
	case BAD_WINDOW:
		feature_add(&smap, FEATURE_SMAP);
		play_features(&smap, &short_thresholds);
		copy_cases(bad, 0);
		break;
	}
}

/* What the judge says of the routine, up to `bytes`; its exit status. */
static int judge(const struct bad_copy *bad, char *said, size_t bytes)
{
	int pipes[2], status;
	size_t have = 0;
	ssize_t n;
	pid_t pid;

	if (pipe(pipes) || (pid = fork()) < 0)
		abort();
	if (!pid) {
		dup2(pipes[1], STDERR_FILENO);
		fault_harness_start();
		run_case(bad);
		_exit(source_intact() ? 0 : 3);
	}
	close(pipes[1]);
	while ((n = read(pipes[0], said + have, bytes - 1 - have)) > 0) /* it comes in pieces */
		have += (size_t)n;
	said[have] = '\0';
	close(pipes[0]);
	waitpid(pid, &status, 0);
	return status;
}

static bool right(const struct bad_copy *bad, int status, const char *said)
{
	if (!bad->complaint)
		return !status && !said[0];
	return WIFEXITED(status) && WEXITSTATUS(status) == 1 && strstr(said, bad->complaint);
}

/* One line of TAP. A register this processor has not cannot be changed. */
static bool try(const struct bad_copy *bad, size_t number)
{
	char said[512] = "";
	int status;
	bool good;

	if (bad->vectors > call_checked_vectors) {
		printf("ok %zu - %s # SKIP not on this processor\n", number, bad->name);
		return true;
	}
	fflush(stdout);
	status = judge(bad, said, sizeof(said));
	good = right(bad, status, said);
	printf("%sok %zu - %s\n# status %#x: %s\n", good ? "" : "not ", number, bad->name, status,
	       strtok(said, "\n"));
	return good;
}

int main(void)
{
	size_t number = 0, failures = 0;

	setenv("QUENCH_FAIL_FAST", "1", 1);
	cases_prepare();
	for (const struct bad_copy *bad = bad_copies; bad->fn; bad++)
		failures += !try(bad, ++number);
	for (const struct bad_register *bad = bad_registers; bad->fn; bad++) {
		const struct bad_copy row = {
			.name = bad->name,
			.kind = BAD_WINDOW,
			.fn = bad->fn,
			.complaint = "register's change",
			.vectors = (int)bad->vectors,
		};

		failures += !try(&row, ++number);
	}
	printf("1..%zu\n", number);
	return failures ? 1 : 0;
}
