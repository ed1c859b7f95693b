/* SPDX-License-Identifier: MIT */
/* copy_struct_from_user: structures that grow with the interface. Needs copy_from_user alone. */
#include <arch/uaccess.h>
#include <asm/errno.h>

/* 0 when n bytes of the program's are zero, -E2BIG when one is not, -EFAULT. */
static int check_zeroed_user(const u8 __user *from, size_t n)
{
	u8 chunk[64];

	while (n) {
		size_t bytes = n < sizeof(chunk) ? n : sizeof(chunk);

		if (copy_from_user(chunk, from, bytes))
			return -EFAULT;
		for (size_t i = 0; i < bytes; i++) {
			if (chunk[i])
				return -E2BIG;
		}
		from += bytes;
		n -= bytes;
	}
	return 0;
}

int copy_struct_from_user(void *to, size_t bytes, const void __user *from, size_t user_bytes)
{
	size_t common = bytes < user_bytes ? bytes : user_bytes;
	u8 *lacking = (u8 *)to + common;
	int error = check_zeroed_user((const u8 __user *)from + common, user_bytes - common);

	if (error)
		return error;
	if (copy_from_user(to, from, common))
		return -EFAULT;
	for (size_t i = 0; i < bytes - common; i++)
		lacking[i] = 0;
	return 0;
}
