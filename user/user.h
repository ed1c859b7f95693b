/* SPDX-License-Identifier: MIT */
/* What the programs of the initramfs share: raw system calls, line output, errno names. Plain
 * Linux. */
#pragma once

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PAGE          4096UL

/* The call as the kernel answers it: errno comes back as a negative number. */
static inline long raw_call(long number, const unsigned long a[6])
{
	register unsigned long r10 __asm__("r10") = a[3];
	register unsigned long r8 __asm__("r8") = a[4];
	register unsigned long r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#define RAW(number, ...) raw_call(number, (const unsigned long[6]){ __VA_ARGS__ })
#define WORD(pointer)    ((unsigned long)(pointer))

/* Prints at once, in one write: what the kernel says meanwhile stays in order. */
static inline void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > (int)sizeof(line) - 1)
		n = sizeof(line) - 1;
	if (write(1, line, n) != n)
		_exit(125);
}

/* "EFAULT" for -14; the number itself for a count. `out` is used for numbers. */
static inline const char *answer_name(long answer, char out[24])
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" },         { ENOENT, "ENOENT" },
		{ ESRCH, "ESRCH" },         { EINTR, "EINTR" },
		{ EBADF, "EBADF" },         { EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" },       { EACCES, "EACCES" },
		{ EFAULT, "EFAULT" },       { EEXIST, "EEXIST" },
		{ ENOTDIR, "ENOTDIR" },     { EISDIR, "EISDIR" },
		{ EINVAL, "EINVAL" },       { ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENOSYS, "ENOSYS" },       { ENOTTY, "ENOTTY" },
		{ ESPIPE, "ESPIPE" },       { EROFS, "EROFS" },
		{ ETIMEDOUT, "ETIMEDOUT" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (answer == -names[i].number)
			return names[i].name;
	snprintf(out, 24, "%ld", answer);
	return out;
}
