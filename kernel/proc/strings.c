/* SPDX-License-Identifier: MIT */
/* Argument vectors from a program, which may change them while they are read. */
#include <arch/uaccess.h>
#include <asm/errno.h>
#include <kernel/mm/kmalloc.h>
#include <kernel/proc/exec.h>
#include <kernel/proc/strings.h>

#define MAX_STRING KIB(128) /* Linux's MAX_ARG_STRLEN, with the NUL */

/* How many strings, and their bytes together. */
static int measure(u64 vector, size_t *nr, size_t *bytes)
{
	*nr = *bytes = 0;
	for (;;) {
		u64 string;
		size_t n;

		if (get_user_64(&string, (void __user *)(vector + *nr * sizeof(u64))))
			return -EFAULT;
		if (!string)
			return 0;
		n = strnlen_user((const char __user *)string, MAX_STRING);
		if (!n)
			return -EFAULT;
		*bytes += n;
		++*nr;
		if (n > MAX_STRING || *bytes + *nr * sizeof(u64) > EXEC_MAX_ARGUMENT_BYTES)
			return -E2BIG;
	}
}

static int fill(struct strings *strings, u64 vector, size_t bytes)
{
	char *to = strings->text;

	for (size_t i = 0; i < strings->nr; i++) {
		size_t room = bytes - (size_t)(to - strings->text);
		u64 string;
		s64 n;

		if (get_user_64(&string, (void __user *)(vector + i * sizeof(u64))))
			return -EFAULT;
		n = strncpy_from_user(to, (const char __user *)string, room);
		if (n < 0)
			return -EFAULT;
		if ((size_t)n == room)
			return -E2BIG; /* it has grown meanwhile */
		strings->vector[i] = to;
		to += n + 1;
	}
	strings->vector[strings->nr] = NULL;
	return 0;
}

int strings_get(struct strings *strings, u64 vector)
{
	size_t bytes = 0;
	int error = 0;

	*strings = (struct strings){ 0 };
	if (vector)
		error = measure(vector, &strings->nr, &bytes);
	if (error)
		return error;
	strings->vector = kzalloc((strings->nr + 1) * sizeof(*strings->vector));
	strings->text = kmalloc(bytes ? bytes : 1);
	if (!strings->vector || !strings->text)
		return -ENOMEM;
	return fill(strings, vector, bytes);
}

void strings_free(struct strings *strings)
{
	kfree(strings->vector);
	kfree(strings->text);
}
