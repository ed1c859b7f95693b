/* SPDX-License-Identifier: MIT */
/* Any bytes as a cpio archive: every entry must lie within them. */
#include <kernel/fs/cpio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)*(const volatile uint8_t *)&bytes[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	struct cpio_error error;
	int more;

	cpio_open(&reader, data, size);
	while ((more = cpio_next(&reader, &entry, &error)) > 0) {
		touch((const uint8_t *)entry.name, entry.name_length + 1);
		touch(entry.data, entry.bytes);
	}
	if (more < 0 && (error.offset > size || !error.text[0]))
		abort();
	return 0;
}
