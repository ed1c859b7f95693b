/* SPDX-License-Identifier: MIT */
/* Filling the root file system from the initramfs, and the device nodes of /dev. */
#pragma once

#include <kernel/fs/path.h>
#include <quench/compiler.h>
#include <quench/types.h>

/*
 * Builds the tree from the cpio archive at physical address `base`; the archive stays where it
 * is: names and contents are read from there until they are written. bytes == 0: only /dev.
 * Returns NULL, or what is wrong with the archive: text with the offset, valid until the next
 * call. Boot context, once.
 */
const char *initramfs_init(paddr_t base, u64 bytes) __must_check;
