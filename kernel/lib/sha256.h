/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4, "Secure Hash Standard"), for the digest of the sealed text. PURE. */
#pragma once

#include <quench/types.h>

#define SHA256_BYTES      32
#define SHA256_HEX_LENGTH 64

struct sha256 {
	u32 state[8];
	u64 bytes; /* fed so far */
	u8 block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_feed(struct sha256 *hash, const void *data, size_t n);
void sha256_finish(struct sha256 *hash, u8 digest[SHA256_BYTES]);
/* The digest as 64 lower-case hexadecimal digits and a NUL. */
void sha256_hex(const u8 digest[SHA256_BYTES], char text[SHA256_HEX_LENGTH + 1]);
