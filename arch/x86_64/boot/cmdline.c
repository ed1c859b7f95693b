/* SPDX-License-Identifier: MIT */
/* Takes over the loader's command line, or says by how much it is too long. PURE. */
#include <asm/errno.h>
#include <quench/format.h>
#include <x86/boot.h>

int boot_set_cmdline(struct boot_info *out, const char *text, size_t length, char *error,
		     size_t error_bytes)
{
	if (length >= BOOT_CMDLINE_BYTES) {
		format(error, error_bytes,
		       "the command line has %zu bytes, the limit is %u: shorten it", length,
		       BOOT_CMDLINE_BYTES - 1);
		return -E2BIG;
	}
	for (size_t i = 0; i < length; i++)
		out->cmdline[i] = text[i];
	out->cmdline[length] = '\0';
	return 0;
}
