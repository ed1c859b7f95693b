/* SPDX-License-Identifier: MIT */
/*
 * Reader of cpio archives in the "newc" format, the initramfs's (Linux documentation, "initramfs
 * buffer format"). Every length is checked against the archive's end. PURE.
 */
#pragma once

#include <quench/types.h>

struct cpio_reader {
	const u8 *archive;
	size_t bytes, offset;
	bool closed; /* the last entry read was a trailer */
};

struct cpio_entry {
	const char *name; /* NUL-terminated within the archive, leading "/" and "./" taken off */
	size_t name_length;
	u32 ino, mode, uid, gid, nlink, mtime; /* mode as in <linux/stat.h> */
	u32 dev_major, dev_minor, rdev_major, rdev_minor;
	const u8 *data; /* contents, or a symbolic link's target (no NUL) */
	u32 bytes;
};

struct cpio_error {
	const char *text; /* what is wrong, in a few words */
	size_t offset;    /* in the archive, of the header or field that is wrong */
};

void cpio_open(struct cpio_reader *reader, const void *archive, size_t bytes);

/*
 * The next file: 1 with *entry filled, 0 after the last trailer (archives may follow one another,
 * zero bytes between and after them), -EINVAL with *error. After an error the reader stays put.
 */
int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry, struct cpio_error *error);
