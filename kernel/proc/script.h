/* SPDX-License-Identifier: MIT */
/* The first line of a script: "#!", interpreter, one argument. execve(2), "Interpreter scripts".
 * PURE.
 */
#pragma once

#include <quench/types.h>

#define SCRIPT_LINE_BYTES 256 /* Linux's BINPRM_BUF_SIZE: the rest of a longer line is cut off */
#define SCRIPT_NONE       1

struct script_line {
	const char *interpreter; /* both within the text that was parsed, NUL-terminated */
	const char *argument;    /* NULL: none */
};

/* Parses the n bytes a file begins with, at most SCRIPT_LINE_BYTES, in place. 0, SCRIPT_NONE when
 * it is no script, -ENOEXEC when no interpreter is named or its name is cut off. */
int script_parse(char *text, size_t n, struct script_line *line);
